using System.Text;

namespace SidecarAgent.Agent.Configuration;

/// <summary>The key <c>identity</c> of the configuration.</summary>
internal static class IdentityParser
{
    public const string DefaultTokenFile = "/var/run/sidecar-agent/token";

    private const string SocketScheme = "unix://";

    /// <summary>sockaddr_un of Linux holds 108 bytes, the last of which is zero.</summary>
    private const int MaxSocketPathBytes = 107;

    private const int MaxAudience = 256;

    public static IdentityOptions Parse(IdentityJson json, List<string> problems)
    {
        if (json.SpiffeSocket is null)
        {
            if (json.Audience is not null)
                problems.Add("identity.audience: only a spiffeSocket is asked for an audience; a token file has its own");
            return new TokenFileIdentity(json.TokenFile ?? DefaultTokenFile);
        }

        if (json.TokenFile is not null)
            problems.Add("identity: give either tokenFile or spiffeSocket");
        return new SpiffeIdentity(SocketPath(json.SpiffeSocket, problems), Audience(json.Audience, problems));
    }

    private static string SocketPath(string text, List<string> problems)
    {
        var path = text.StartsWith(SocketScheme, StringComparison.Ordinal) ? text[SocketScheme.Length..] : "";
        if (!path.StartsWith('/') || path.Any(char.IsControl))
            problems.Add($"identity.spiffeSocket: '{text}' must be unix:///PATH of the SPIFFE Workload API's socket");
        else if (Encoding.UTF8.GetByteCount(path) > MaxSocketPathBytes)
            problems.Add($"identity.spiffeSocket: the path has more than {MaxSocketPathBytes} bytes, which no socket's can have");
        return path;
    }

    private static string Audience(string? text, List<string> problems)
    {
        if (string.IsNullOrEmpty(text))
            problems.Add("identity.audience is missing: name the audience that the broker expects of the issuer's tokens");
        else if (text.Length > MaxAudience || text.Any(char.IsControl))
            problems.Add($"identity.audience: must be at most {MaxAudience} printable characters");
        return text ?? "";
    }
}
