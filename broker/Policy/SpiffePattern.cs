using System.Diagnostics.CodeAnalysis;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Policy;

/// <summary>Matches SPIFFE IDs: the trust domain is written out, and <c>*</c> stands for any characters of one segment.</summary>
internal sealed class SpiffePattern
{
    private readonly string _trustDomain;
    private readonly SegmentPattern[] _segments;

    private SpiffePattern(string trustDomain, SegmentPattern[] segments)
    {
        _trustDomain = trustDomain;
        _segments = segments;
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out SpiffePattern? pattern)
    {
        pattern = null;
        // A '*' may stand where a letter may, and a name with a letter there is one exactly when the pattern could be.
        if (text.Contains('{') || !SpiffeId.TryParse(text.Replace('*', 'x'), out var trustDomain, out _)
            || !text.StartsWith(trustDomain + "/", StringComparison.Ordinal))
            return false;
        var segments = new List<SegmentPattern>();
        foreach (var part in text[(trustDomain.Length + 1)..].Split('/'))
        {
            if (!SegmentPattern.TryParse(part, out var segment, out _))
                return false;
            segments.Add(segment);
        }

        pattern = new SpiffePattern(trustDomain, [.. segments]);
        return true;
    }

    public bool Matches(Workload caller)
    {
        if (caller.Spiffe is null || caller.Issuer != _trustDomain)
            return false;
        var parts = caller.ServiceAccount[1..].Split('/');
        return parts.Length == _segments.Length && parts.Zip(_segments).All(pair => pair.Second.Matches(pair.First, caller));
    }
}
