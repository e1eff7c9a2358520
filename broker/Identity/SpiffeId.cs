namespace SidecarAgent.Broker.Identity;

/// <summary>
/// SPIFFE IDs (SPIFFE-ID specification): <c>spiffe://TRUSTDOMAIN/PATH</c>, at most 2048 bytes, the trust domain of lower
/// case letters, digits, '.', '-' and '_', segments of letters, digits, '.', '-' and '_', none empty and none only dots.
/// </summary>
internal static class SpiffeId
{
    public const string Scheme = "spiffe://";

    private const int MaxLength = 2048;
    private const int MaxTrustDomain = 255;

    /// <summary>Whether a token that has this subject claims to be a JWT-SVID.</summary>
    public static bool IsClaimed(string subject) => subject.StartsWith(Scheme, StringComparison.Ordinal);

    /// <param name="text">What a token says.</param>
    /// <param name="trustDomain">With its scheme, as the issuers' table knows it.</param>
    /// <param name="path">Begins with a slash.</param>
    public static bool TryParse(string text, out string trustDomain, out string path)
    {
        (trustDomain, path) = ("", "");
        if (text.Length > MaxLength || !IsClaimed(text))
            return false;
        var slash = text.IndexOf('/', Scheme.Length);
        if (slash < 0 || !IsTrustDomain(text[Scheme.Length..slash]) || !text[(slash + 1)..].Split('/').All(IsSegment))
            return false;
        (trustDomain, path) = (text[..slash], text[slash..]);
        return true;
    }

    public static bool IsTrustDomain(string text) =>
        text.Length is > 0 and <= MaxTrustDomain
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' or '_');

    private static bool IsSegment(string text) =>
        text.Length > 0 && text is not ("." or "..")
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
