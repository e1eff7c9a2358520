using System.Globalization;
using System.Text.RegularExpressions;

namespace SidecarAgent.Quickstart.PodRunner;

/// <summary>
/// Stands in for a pod's network namespace: containers of several local pods share the machine's ports, so a port of
/// the pod can be given another number. It is replaced where it follows a host or a scheme (<c>0.0.0.0:9464</c>,
/// <c>http:8080/-/reload</c>, <c>localhost:8080</c>), and an address that listens everywhere listens on loopback only.
/// </summary>
/// <param name="ports">Local port by the pod's port.</param>
internal sealed partial class PortMap(IReadOnlyDictionary<int, int> ports)
{
    public string ToHost(string text) => Port().Replace(text, match =>
    {
        if (!int.TryParse(match.Groups["port"].Value, CultureInfo.InvariantCulture, out var port)
            || !ports.TryGetValue(port, out var local))
            return match.Value;
        var host = match.Groups["host"].Value;
        return $"{(host is "0.0.0.0" or "[::]" or "*" ? "127.0.0.1" : host)}:{local}";
    });

    [GeneratedRegex(@"(?<host>0\.0\.0\.0|\[::\]|\*|[A-Za-z0-9.-]+|\[[0-9a-f:]+\]):(?<port>[0-9]{1,5})(?![0-9])")]
    private static partial Regex Port();
}
