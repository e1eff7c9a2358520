using System.Buffers;
using System.Globalization;
using System.Text;
using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Formatting;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Sprig's strings.</summary>
internal static class SprigTextFunctions
{
    private const int MaxRepeats = 1_000_000;

    public static readonly Function[] All =
    [
        new("trim", 1, 1, call => TextFunctions.TrimSpace(call.Text(0))),
        new("trimAll", 2, 2, TrimAll),
        new("trimall", 2, 2, TrimAll),
        new("trimPrefix", 2, 2, call => TextFunctions.TrimPrefix(call.Text(0), call.Text(1))),
        new("trimSuffix", 2, 2, call => TextFunctions.TrimSuffix(call.Text(0), call.Text(1))),
        new("upper", 1, 1, call => TextValue.Of(call.String(0).ToUpperInvariant())),
        new("lower", 1, 1, call => TextValue.Of(TextFunctions.Lower(call.String(0)))),
        new("title", 1, 1, call => TextValue.Of(TextFunctions.Title(call.String(0), c => char.IsLetterOrDigit(c) || c == '_'))),
        new("untitle", 1, 1, call => TextValue.Of(Untitle(call.String(0)))),
        new("repeat", 2, 2, Repeat),
        new("substr", 3, 3, Substring),
        new("trunc", 2, 2, Truncate),
        new("abbrev", 2, 2, call => Abbreviate(call, 0, call.Long(0))),
        new("abbrevboth", 3, 3, call => Abbreviate(call, call.Long(0), call.Long(1))),
        new("wrap", 2, 2, call => WordWrap.Wrap(call.Text(1), call.Long(0), "\n"u8, breakWords: false)),
        new("wrapWith", 3, 3, call => WordWrap.Wrap(call.Text(2), call.Long(0), call.Bytes(1), breakWords: true)),
        new("nospace", 1, 1, call => TextValue.Of(string.Concat(call.String(0).Where(c => !char.IsWhiteSpace(c))))),
        new("initials", 1, 1, call => TextValue.Of(string.Concat(Words(call.String(0)).Select(word => word[0])))),
        new("hasPrefix", 2, 2, call => BoolValue.Of(call.Bytes(1).StartsWith(call.Bytes(0)))),
        new("hasSuffix", 2, 2, call => BoolValue.Of(call.Bytes(1).EndsWith(call.Bytes(0)))),
        new("contains", 2, 2, call => BoolValue.Of(call.Bytes(1).IndexOf(call.Bytes(0)) >= 0)),
        new("replace", 3, 3, call => TextFunctions.Replace(call, call.Text(2), call.Bytes(0), call.Bytes(1))),
        new("quote", 0, Function.Unlimited, call => Quoted(call, text => GoQuote.Text(text.Span, ascii: false))),
        new("squote", 0, Function.Unlimited, call => Quoted(call, text => $"'{text.Decode()}'")),
        new("cat", 0, Function.Unlimited, call => TextFunctions.Join(call, " "u8, NotNil(call))),
        new("indent", 2, 2, call => TextFunctions.Indent(call, skipEmptyLines: false)),
        new("nindent", 2, 2, NewLineAndIndent),
        new("plural", 3, 3, call => call.Long(2) == 1 ? call.Text(0) : call.Text(1)),
        new("join", 2, 2, call => TextFunctions.Join(call, call.Bytes(0), Strings(call, 1))),
        new("split", 2, 2, SplitToMap),
        new("splitn", 3, 3, SplitToMap),
        new("splitList", 2, 2, call => TextFunctions.Split(call, call.Text(1), call.Bytes(0))),
        new("sortAlpha", 1, 1, Sort),
        new("toString", 1, 1, call => call.AnyText(0)),
        new("toStrings", 1, 1, call => call.NewList(Strings(call, 0))),
        new("swapcase", 1, 1, call => TextValue.Of(string.Concat(call.String(0).Select(SwapCase)))),
        new("snakecase", 1, 1, call => TextValue.Of(WordCase.Delimited(call.String(0), '_'))),
        new("kebabcase", 1, 1, call => TextValue.Of(WordCase.Delimited(call.String(0), '-'))),
        new("camelcase", 1, 1, call => TextValue.Of(WordCase.Camel(call.String(0)))),
    ];

    /// <summary>The strings of a list, or of a single value; nil is left out.</summary>
    private static List<Value> Strings(Call call, int index)
    {
        var strings = new List<Value>();
        foreach (var item in call[index] is ListValue ? call.List(index) : [call[index]])
        {
            if (!item.IsNil)
                strings.Add(call.ToText(item));
        }

        return strings;
    }

    private static List<Value> NotNil(Call call) => [.. call.Arguments.ToArray().Where(argument => !argument.IsNil)];

    private static ListValue Sort(Call call)
    {
        var strings = Strings(call, 0);
        foreach (var text in strings)
            call.Context.Budget.Spend(text);
        return call.NewList([.. strings.OrderBy(text => text, ByBytes.Instance)]);
    }

    private static TextValue Quoted(Call call, Func<TextValue, string> quote)
    {
        var quoted = new List<Value>();
        foreach (var argument in NotNil(call))
            quoted.Add(TextValue.Of(quote(call.ToText(argument))));
        return TextFunctions.Join(call, " "u8, quoted);
    }

    private static TextValue Repeat(Call call)
    {
        var buffer = new TextBuffer();
        var count = call.Int(0, 0, MaxRepeats);
        for (var i = 0; i < count; i++)
            buffer.Write(call.Text(1).Span);
        return buffer.ToText();
    }

    /// <summary>By bytes, as sprig does; without a beginning below zero, without an end below zero or beyond the string.</summary>
    private static TextValue Substring(Call call)
    {
        var text = call.Text(2).Bytes;
        var (start, end) = (call.Long(0), call.Long(1));
        if (start < 0)
            start = 0;
        else if (end < 0 || end > text.Length)
            end = text.Length;
        return start <= end && end <= text.Length
            ? new TextValue(text[(int)start..(int)end])
            : throw call.Error("the positions are beyond the string");
    }

    /// <summary>By bytes; a negative length keeps the end.</summary>
    private static TextValue Truncate(Call call)
    {
        var text = call.Text(1).Bytes;
        var length = call.Long(0);
        if (length < 0)
            return new TextValue(text.Length > -length ? text[^(int)-length..] : text);
        return new TextValue(text.Length > length ? text[..(int)length] : text);
    }

    private static TextValue TrimAll(Call call) => TextValue.Of(call.String(1).Trim(call.String(0).ToCharArray()));

    /// <summary>At most so many bytes from the offset on, with dots where something is missing.</summary>
    private static TextValue Abbreviate(Call call, long offset, long length)
    {
        var text = call.Text(call.Count - 1);
        var bytes = text.Span;
        if (length < (offset > 0 ? 7 : 4) || bytes.Length <= length)
            return text;
        // What does not fit behind the dots is taken from before the offset.
        offset = Math.Min(offset, bytes.Length - (length - 3));
        var end = offset + length - 3;
        var result = new TextBuffer();
        if (offset <= 4)
            result.Write(bytes[..(int)(length - 3)]);
        else
        {
            result.Write("..."u8);
            result.Write(end < bytes.Length ? bytes[(int)offset..(int)(end - 3)] : bytes[(int)offset..]);
        }

        if (offset <= 4 || end < bytes.Length)
            result.Write("..."u8);
        return result.ToText();
    }

    private static TextValue NewLineAndIndent(Call call)
    {
        var buffer = new TextBuffer();
        buffer.Write("\n"u8);
        buffer.Write(TextFunctions.Indent(call, skipEmptyLines: false).Span);
        return buffer.ToText();
    }

    /// <summary>Parts named _0, _1 and so on; with three arguments the second is how many at most.</summary>
    private static DictValue SplitToMap(Call call)
    {
        var max = call.Count == 3 ? call.Int(1, 0, TemplateLimits.ListItems) : int.MaxValue;
        var parts = max == 0 ? [] : TextFunctions.Split(call, call.Text(call.Count - 1), call.Bytes(0), max).Items;
        var map = new DictValue();
        for (var i = 0; i < parts.Count; i++)
            map.Set(string.Create(CultureInfo.InvariantCulture, $"_{i}"), parts[i]);
        return map;
    }

    private static string Untitle(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
            result.Append(i == 0 || char.IsWhiteSpace(text[i - 1]) ? char.ToLowerInvariant(text[i]) : text[i]);
        return result.ToString();
    }

    private static char SwapCase(char c) => char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c);

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private sealed class ByBytes : IComparer<Value>
    {
        public static readonly ByBytes Instance = new();

        public int Compare(Value? x, Value? y) => ((TextValue)x!).Span.SequenceCompareTo(((TextValue)y!).Span);
    }
}
