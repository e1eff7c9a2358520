using System.Diagnostics.CodeAnalysis;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Policy;

/// <summary>
/// Matches one segment of a path, or one name: characters stand for themselves, <c>*</c> for any number of characters,
/// and <c>{namespace}</c>, <c>{serviceAccount}</c> and <c>{pod}</c> for those of the caller. What a variable holds is
/// only ever compared, so a caller's name cannot bring a wildcard in.
/// </summary>
internal sealed class SegmentPattern
{
    private enum PartKind
    {
        Text,
        Any,
        Namespace,
        ServiceAccount,
        Pod,
    }

    private readonly record struct Part(PartKind Kind, string Text);

    private readonly List<Part> _parts;

    // What stands between the wildcards, if it is the same for every caller.
    private readonly string[]? _literals;

    private SegmentPattern(List<Part> parts)
    {
        _parts = parts;
        if (parts.TrueForAll(part => part.Kind is PartKind.Text or PartKind.Any))
            _literals = Literals(parts, null);
    }

    /// <param name="text">The pattern.</param>
    /// <param name="pattern">The pattern, parsed.</param>
    /// <param name="problem">Otherwise what is wrong with it.</param>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out SegmentPattern? pattern,
        [NotNullWhen(false)] out string? problem)
    {
        var parts = new List<Part>();
        pattern = null;
        problem = text.Length == 0 ? "a segment must not be empty" : null;
        for (var i = 0; i < text.Length && problem is null;)
        {
            var end = text[i] switch
            {
                '*' => i + 1,
                '{' => text.IndexOf('}', i) + 1,
                _ => NextSpecial(text, i),
            };
            if (end == 0)
                problem = "a '{' has no '}'";
            else if (ParsePart(text[i..end]) is { } part)
                parts.Add(part);
            else
                problem = text[i] == '{'
                    ? $"there is no {text[i..end]}; expected {{namespace}}, {{serviceAccount}} or {{pod}}"
                    : "expected letters, digits, '.', '_', '-', '*' and {variables}";
            i = end;
        }

        pattern = problem is null ? new SegmentPattern(parts) : null;
        return pattern is not null;
    }

    /// <summary>The only text that it matches; null: there may be others.</summary>
    public string? Literal => _literals is [var only] ? only : null;

    public bool Matches(ReadOnlySpan<char> segment, Workload caller)
    {
        var literals = _literals ?? Literals(_parts, caller);
        if (literals is null)
            return false;
        if (literals.Length == 1)
            return segment.SequenceEqual(literals[0]);

        var (first, last) = (literals[0], literals[^1]);
        if (segment.Length < first.Length + last.Length || !segment.StartsWith(first) || !segment.EndsWith(last))
            return false;
        var rest = segment[first.Length..^last.Length];
        foreach (var literal in literals.AsSpan(1, literals.Length - 2))
        {
            var at = rest.IndexOf(literal);
            if (at < 0)
                return false;
            rest = rest[(at + literal.Length)..];
        }

        return true;
    }

    private static int NextSpecial(string text, int from)
    {
        var at = text.AsSpan(from).IndexOfAny('*', '{');
        return at < 0 ? text.Length : from + at;
    }

    private static Part? ParsePart(string text) => text switch
    {
        "*" => new Part(PartKind.Any, ""),
        "{namespace}" => new Part(PartKind.Namespace, ""),
        "{serviceAccount}" => new Part(PartKind.ServiceAccount, ""),
        "{pod}" => new Part(PartKind.Pod, ""),
        _ when text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') => new Part(PartKind.Text, text),
        _ => null,
    };

    /// <summary>What stands between the wildcards; null if the caller lacks what a variable stands for.</summary>
    private static string[]? Literals(List<Part> parts, Workload? caller)
    {
        var literals = new List<string> { "" };
        foreach (var part in parts)
        {
            if (part.Kind == PartKind.Any)
            {
                literals.Add("");
                continue;
            }

            var text = part.Kind switch
            {
                PartKind.Namespace => caller?.Namespace,
                PartKind.ServiceAccount => caller?.ServiceAccount,
                PartKind.Pod => caller?.Pod,
                _ => part.Text,
            };
            if (string.IsNullOrEmpty(text))
                return null;
            literals[^1] += text;
        }

        return [.. literals];
    }
}
