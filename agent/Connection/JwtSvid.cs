using System.Buffers.Text;
using SidecarAgent.Agent.Templates.Documents;

namespace SidecarAgent.Agent.Connection;

/// <summary>
/// A token of the SPIFFE Workload API (JWT-SVID specification) and its life. Read only to know when to ask for the next: who
/// believes it is the broker's business.
/// </summary>
/// <param name="Token">In compact form.</param>
/// <param name="IssuedAt">The claim <c>iat</c>; without it, when it arrived.</param>
/// <param name="ExpiresAt">The claim <c>exp</c>.</param>
/// <param name="ReceivedAt">By the agent's clock, as the SPIFFE agent's is: they share a node.</param>
internal sealed record JwtSvid(string Token, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt, DateTimeOffset ReceivedAt)
{
    /// <summary>A SPIFFE agent that cannot reach its server gives the old token again: asking at once would not help.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(5);

    private const double LatestTime = 253_402_300_799; // the end of the year 9999

    /// <summary>When half of its life is over.</summary>
    public DateTimeOffset RefreshAt
    {
        get
        {
            var half = IssuedAt + ((ExpiresAt - IssuedAt) / 2);
            return half > ReceivedAt + ShortestPause ? half : ReceivedAt + ShortestPause;
        }
    }

    public bool HasEnded(DateTimeOffset now) => now >= ExpiresAt;

    /// <exception cref="TokenException">Not a JWT with an end, or one that is over.</exception>
    public static JwtSvid Parse(string token, DateTimeOffset now)
    {
        if (token.Length > TokenFile.MaxBytes || token.Any(character => character is <= ' ' or > '~')
            || token.Split('.') is not [_, var payload, _])
        {
            throw new TokenException("the SPIFFE agent gave something that is no JWT");
        }

        var (issued, expires) = Times(payload);
        if (expires is not { } end)
            throw new TokenException("the SPIFFE agent gave a token without an end (exp)");
        var svid = new JwtSvid(token, issued is { } begin && begin < now && begin < end ? begin : now, end, now);
        return svid.HasEnded(now) ? throw new TokenException($"the SPIFFE agent gave a token that ended at {end:u}") : svid;
    }

    public override string ToString() => $"until {ExpiresAt:u} ***";

    private static (DateTimeOffset? Issued, DateTimeOffset? Expires) Times(string payload)
    {
        try
        {
            var claims = JsonFields.Parse(Base64Url.DecodeFromChars(payload));
            return (Time(claims, "iat"), Time(claims, "exp"));
        }
        catch (FormatException)
        {
            throw new TokenException("the SPIFFE agent gave something that is no JWT");
        }
    }

    /// <summary>NumericDate of RFC 7519 section 2: seconds, possibly with a fraction.</summary>
    private static DateTimeOffset? Time(JsonFields claims, string name) =>
        claims.Has(name) ? DateTimeOffset.UnixEpoch.AddSeconds(Math.Clamp(claims.Number(name), 0, LatestTime)) : null;
}
