using System.Text.RegularExpressions;

namespace SidecarAgent.Quickstart.PodRunner;

/// <summary>
/// Stands in for a container's mount namespace: wherever a mount path is named in the environment, the command or the
/// arguments, the directory of the host takes its place. A path inside a file, or one put together at run time, is out
/// of its reach; that is the price of running without privileges.
/// </summary>
internal sealed class MountPaths
{
    private readonly Dictionary<string, string> _hostDirectories;
    private readonly Regex _paths;

    /// <param name="hostDirectories">Directory of the host by mount path.</param>
    public MountPaths(IReadOnlyDictionary<string, string> hostDirectories)
    {
        _hostDirectories = hostDirectories.ToDictionary(mount => mount.Key.TrimEnd('/'), mount => mount.Value);
        // Neither the end of a longer path nor the beginning of a longer name; a mount inside another one comes first.
        var anyPath = string.Join('|', _hostDirectories.Keys.OrderByDescending(path => path.Length).Select(Regex.Escape));
        _paths = new Regex(anyPath.Length == 0 ? "(?!)" : $"(?<![A-Za-z0-9._/-])(?:{anyPath})(?![A-Za-z0-9._-])");
    }

    public string ToHost(string text) => _paths.Replace(text, match => _hostDirectories[match.Value]);

    /// <summary>For people who read output: the path as the container would have named it.</summary>
    public string ToContainer(string text) => _hostDirectories.Aggregate(
        text, (result, mount) => result.Replace(mount.Value, mount.Key, StringComparison.Ordinal));
}
