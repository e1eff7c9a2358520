using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Engines.Pki;

/// <summary>
/// A name that certificates of a role carry (a subject alternative name, RFC 5280), with the workload filled in:
/// <c>dns:{serviceAccount}.{namespace}.svc</c>, <c>uri:spiffe://td/ns/{namespace}/sa/{serviceAccount}</c>. The workload
/// never chooses a name itself.
/// </summary>
internal sealed record CertificateName
{
    private const int LongestDns = 253;
    private static readonly string[] Placeholders = ["{namespace}", "{serviceAccount}", "{pod}"];

    private CertificateName(bool isUri, string pattern)
    {
        IsUri = isUri;
        Pattern = pattern;
    }

    public bool IsUri { get; }

    public string Pattern { get; }

    /// <returns>What is wrong with it; null: nothing.</returns>
    public static string? Parse(string text, out CertificateName? name)
    {
        name = null;
        var isUri = text.StartsWith("uri:", StringComparison.Ordinal);
        if (!isUri && !text.StartsWith("dns:", StringComparison.Ordinal))
            return $"'{text}' is no name for a certificate; expected dns:NAME or uri:URI";
        var pattern = text[4..];
        var fixedPart = Placeholders.Aggregate(pattern, (rest, placeholder) => rest.Replace(placeholder, "x", StringComparison.Ordinal));
        if (!IsGood(isUri, fixedPart))
            return $"'{text}' is no {(isUri ? "URI" : "DNS name")}; of placeholders there are {string.Join(", ", Placeholders)}";
        name = new CertificateName(isUri, pattern);
        return null;
    }

    /// <returns>The name for a workload; null: it lacks a part, or has one that no such name can hold.</returns>
    public string? For(Workload workload)
    {
        if (Pattern.Contains("{pod}", StringComparison.Ordinal) && workload.Pod is null)
            return null;
        // A dot in a DNS label would let one service account speak for a subdomain of another.
        var parts = new[] { workload.Namespace, workload.ServiceAccount, workload.Pod ?? "" };
        if (Placeholders.Zip(parts).Any(pair => Pattern.Contains(pair.First, StringComparison.Ordinal) && !IsLabel(pair.Second)))
            return null;
        var name = Placeholders.Zip(parts).Aggregate(
            Pattern, (text, pair) => text.Replace(pair.First, pair.Second, StringComparison.Ordinal));
        return IsGood(IsUri, name) ? name : null;
    }

    private static bool IsLabel(string part) =>
        part.Length is > 0 and <= 63 && part.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static bool IsGood(bool isUri, string name) => isUri
        ? name.All(c => c is > ' ' and <= '~' and not ('{' or '}')) && !name.StartsWith('/') && Uri.TryCreate(name, UriKind.Absolute, out _)
        // One wildcard, which is the whole first label (RFC 6125, section 6.4.3).
        : name.Length <= LongestDns && (name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name).Split('.').All(label =>
            label.Length is > 0 and <= 63 && label.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'));
}
