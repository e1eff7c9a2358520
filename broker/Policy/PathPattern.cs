using System.Diagnostics.CodeAnalysis;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Policy;

/// <summary>
/// Matches paths, segment by segment (see <see cref="SegmentPattern"/>). A last segment <c>**</c> stands for one or more
/// segments. The mount is written out, so that a new mount is never granted by an old pattern.
/// </summary>
internal sealed class PathPattern
{
    private const string AnyDepth = "**";

    private readonly string _text;
    private readonly SegmentPattern[] _segments;
    private readonly bool _deep;

    private PathPattern(string text, SegmentPattern[] segments, bool deep)
    {
        _text = text;
        _segments = segments;
        _deep = deep;
    }

    /// <param name="text">The pattern, such as <c>kv/{namespace}/*</c>.</param>
    /// <param name="pattern">The pattern, parsed.</param>
    /// <param name="problem">Otherwise what is wrong with it and what was expected.</param>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out PathPattern? pattern,
        [NotNullWhen(false)] out string? problem)
    {
        pattern = null;
        problem = null;
        var parts = text.Split('/');
        if (text.Length > SecretPath.MaxLength)
            problem = $"a path pattern has at most {SecretPath.MaxLength} characters, got {text.Length}";
        else if (parts.Length < 2)
            problem = "a path pattern is a mount and a name, such as kv/shop/orders";
        if (problem is not null)
            return false;

        var deep = parts[^1] == AnyDepth;
        var segments = new List<SegmentPattern>();
        foreach (var part in deep ? parts[..^1] : parts)
        {
            if (part.Contains(AnyDepth, StringComparison.Ordinal))
                problem = "'**' may only be the last segment, alone; '*' stands for anything within one segment";
            else if (part is "." or "..")
                problem = "no path has '.' or '..' as a segment";
            else if (SegmentPattern.TryParse(part, out var segment, out problem))
                segments.Add(segment);
            if (problem is not null)
                return false;
        }

        if (segments[0].Literal is null)
            problem = "the mount, which is the first segment, must be written out";
        pattern = problem is null ? new PathPattern(text, [.. segments], deep) : null;
        return pattern is not null;
    }

    public bool Matches(SecretPath path, Workload caller)
    {
        var rest = path.ToString().AsSpan();
        for (var i = 0; i < _segments.Length; i++)
        {
            var slash = rest.IndexOf('/');
            if (!_segments[i].Matches(slash < 0 ? rest : rest[..slash], caller))
                return false;
            if (slash < 0)
                return i == _segments.Length - 1 && !_deep;
            rest = rest[(slash + 1)..];
        }

        // There are segments left over; a path has no empty ones.
        return _deep;
    }

    public override string ToString() => _text;
}
