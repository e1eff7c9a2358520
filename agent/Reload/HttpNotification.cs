namespace SidecarAgent.Agent.Reload;

/// <param name="Address">Always on 127.0.0.1: the containers of a pod share their network, and nobody else is told.</param>
internal sealed record HttpNotification(Uri Address) : Notification
{
    public override string ToString() => $"http:{Address.Port}{Address.PathAndQuery}";

    internal static (Notification? Parsed, string? Problem) Parse(string portAndPath)
    {
        var slash = portAndPath.IndexOf('/', StringComparison.Ordinal);
        var port = slash < 0 ? portAndPath : portAndPath[..slash];
        var path = slash < 0 ? "/" : portAndPath[slash..];
        if (!ushort.TryParse(port, System.Globalization.NumberStyles.None, null, out var number) || number == 0)
            return (null, "must be http:PORT/PATH, with a port of 1 to 65535");
        if (path.Any(character => character is <= ' ' or > '~'))
            return (null, "has a path with a space or a character that is not ASCII: escape it as %XX");
        // A server never sees what follows a '#' that is not escaped.
        var escaped = path.Replace("#", "%23", StringComparison.Ordinal);
        return (new HttpNotification(new Uri($"http://127.0.0.1:{number}{escaped}")), null);
    }
}
