using SidecarAgent.Quickstart.PodRunner;

namespace SidecarAgent.Quickstart.Installation;

/// <summary>The end of a log, as a failure shows it.</summary>
internal static class LogTail
{
    private const int Lines = 20;

    public static string Of(ProcessOutput output) =>
        string.Join('\n', output.Tail.TakeLast(Lines).Select(line => "    " + line.Text));
}
