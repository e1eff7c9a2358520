using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Sprig's regular expressions; those that begin with "must" are the same, since none goes wrong in silence here.</summary>
internal static class SprigRegexFunctions
{
    private static readonly Function[] Plain =
    [
        new("regexMatch", 2, 2, call => BoolValue.Of(call.Context.Regexes.Get(call.String(0)).IsMatch(call.String(1)))),
        new("regexFind", 2, 2, call => Find(call, call.String(1), 1) is { Items: [var first, ..] } ? first : TextValue.Empty),
        new("regexFindAll", 3, 3, call => Find(call, call.String(1), call.Int(2, -1, TemplateLimits.ListItems))),
        new("regexReplaceAll", 3, 3, call => RegexFunctions.Replace(call, call.String(1), call.String(2))),
        new("regexReplaceAllLiteral", 3, 3, ReplaceLiterally),
        new("regexSplit", 3, 3, Split),
        new("regexQuoteMeta", 1, 1, call => TextValue.Of(QuoteMeta(call.String(0)))),
    ];

    public static readonly IReadOnlyList<Function> All =
    [
        .. Plain,
        .. Plain.Select(function => function with { Name = "mustR" + function.Name[1..] }),
    ];

    private static ListValue Find(Call call, string text, int max) =>
        call.NewList([.. call.Context.Regexes.Get(call.String(0)).Matches(text, max).Select(match => TextValue.Of(match.Value))]);

    private static TextValue ReplaceLiterally(Call call) =>
        TextValue.Of(call.Context.Regexes.Get(call.String(0)).Replace(call.String(1), null, call.String(2)));

    /// <summary>As Go's Split: at most so many parts, the last is the rest; negative: all.</summary>
    private static ListValue Split(Call call)
    {
        var text = call.String(1);
        var max = call.Int(2, -1, TemplateLimits.ListItems);
        var parts = new List<Value>();
        var at = 0;
        foreach (var match in max == 0 ? [] : call.Context.Regexes.Get(call.String(0)).Matches(text, -1))
        {
            if (max > 0 && parts.Count == max - 1)
                break;
            if (match.Index + match.Length == 0 || (match.Length == 0 && match.Index == text.Length))
                continue;
            parts.Add(TextValue.Of(text[at..match.Index]));
            at = match.Index + match.Length;
        }

        if (max != 0)
            parts.Add(TextValue.Of(text[at..]));
        return call.NewList(parts);
    }

    private static string QuoteMeta(string text) =>
        string.Concat(text.Select(c => "\\.+*?()|[]{}^$".Contains(c, StringComparison.Ordinal) ? $"\\{c}" : c.ToString()));
}
