using System.CommandLine;

namespace SidecarAgent.Ctl.Rotations;

/// <summary><c>--watch</c></summary>
internal static class WatchOption
{
    public static Option<bool> Create() => new("--watch")
    {
        Description = "Follow it to its end; exit code 1 if it is held or fails.",
    };
}
