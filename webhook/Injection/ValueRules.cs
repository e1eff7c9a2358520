namespace SidecarAgent.Webhook.Injection;

/// <summary>What a single value must look like. Each rule answers with what is wrong, or null.</summary>
internal static class ValueRules
{
    public const int MaxPathLength = 256;

    private const int MaxImageLength = 512;
    private const int MaxAudienceLength = 253;
    private const int MaxFileLength = 512;
    private const int MaxNameLength = 255;

    /// <summary>The broker's own rule for the path of a secret.</summary>
    public static string? SecretPath(string text)
    {
        if (text.Length is 0 or > MaxPathLength)
            return $"a path has 1 to {MaxPathLength} characters, got {text.Length}";
        var segments = text.Split('/');
        if (segments.Length < 2)
            return $"a path is a mount and a name, such as kv/shop/orders; got {Foreign.Quote(text)}";
        if (segments.Contains(""))
            return "a path has no empty segments: no '/' at its start or end, no '//'";
        if (segments.Any(segment => segment is "." or ".."))
            return "a path has no '.' or '..' segments";
        return segments.All(IsSimple) ? null : "a path's segments hold only letters, digits, '.', '_' and '-'";
    }

    public static string? Field(string text) =>
        text.Length is 0 or > 64 || !IsSimple(text)
            ? "after '#' a field is named: 1 to 64 letters, digits, '.', '_' and '-'"
            : null;

    /// <summary>A relative path that stays below the mount and out of the way of the agent's own <c>..data</c>.</summary>
    public static string? File(string text)
    {
        if (text.Length is 0 or > MaxFileLength)
            return $"a file's path has 1 to {MaxFileLength} characters, got {text.Length}";
        if (!Foreign.IsPlain(text))
            return "a file's path holds no control characters";
        if (text[0] == '/')
            return "a file's path is relative to the mount, so it does not begin with '/'";
        if (text.Contains('\\', StringComparison.Ordinal))
            return "a file's path holds no '\\'; directories are separated by '/'";
        foreach (var name in text.Split('/'))
        {
            if (name.Length is 0 or > MaxNameLength)
                return "a file's path has no empty names (no '//', no '/' at its end) and none over 255 characters";
            if (name is "." or "..")
                return "a file's path has no '.' or '..' in it";
            if (name.StartsWith("..", StringComparison.Ordinal))
                return "names that begin with '..' belong to the agent";
        }

        return null;
    }

    public static string? Broker(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri is { Scheme: "https", Host.Length: > 0, UserInfo: "", Query: "", Fragment: "", PathAndQuery: "/" }
            ? null
            : $"expected an address such as https://sidecar-broker.sidecar-agent.svc:8443, got {Foreign.Quote(text)}";

    public static string? Image(string text) =>
        text.Length is > 0 and <= MaxImageLength
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '/' or ':' or '@')
        && char.IsAsciiLetterOrDigit(text[0])
            ? null
            : $"expected an image such as registry.example/sidecar-agent:1.0, got {Foreign.Quote(text)}";

    public static string? Audience(string text) =>
        text.Length is > 0 and <= MaxAudienceLength && Foreign.IsPlain(text)
            ? null
            : $"an audience has 1 to {MaxAudienceLength} visible characters";

    /// <summary>The name of a Kubernetes object, a DNS subdomain (RFC 1123).</summary>
    public static string? ObjectName(string text) =>
        text.Length is > 0 and <= 253
        && text.Split('.').All(label => label.Length > 0 && label[0] != '-' && label[^1] != '-'
            && label.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            ? null
            : $"expected the name of a Kubernetes object, such as sidecar-agent, got {Foreign.Quote(text)}";

    private static bool IsSimple(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
