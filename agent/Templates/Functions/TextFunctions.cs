using System.Buffers;
using System.Globalization;
using System.Text;
using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Strings, as consul-template has them: what a pipe brings is the last argument.</summary>
internal static class TextFunctions
{
    public static readonly Function[] All =
    [
        new("split", 2, 2, Split),
        new("splitToMap", 3, 3, SplitToMap),
        new("join", 2, 2, Join),
        new("trimSpace", 1, 1, call => TrimSpace(call.Text(0))),
        // One argument is sprig's way: trim spaces.
        new("trim", 1, 2, call => call.Count == 1 ? TrimSpace(call.Text(0)) : Trim(call)),
        new("trimPrefix", 2, 2, call => TrimPrefix(call.Text(0), call.Text(1))),
        new("trimSuffix", 2, 2, call => TrimSuffix(call.Text(0), call.Text(1))),
        new("replaceAll", 3, 3, call => Replace(call, call.Text(2), call.Bytes(0), call.Bytes(1))),
        new("contains", 2, 2, call => BoolValue.Of(Contains(call, call[1], call[0]))),
        new("in", 2, 2, call => BoolValue.Of(Contains(call, call[0], call[1]))),
        new("containsAll", 2, 2, call => BoolValue.Of(CountContained(call) == call.List(0).Count)),
        new("containsAny", 2, 2, call => BoolValue.Of(CountContained(call) > 0)),
        new("containsNone", 2, 2, call => BoolValue.Of(CountContained(call) == 0)),
        new("containsNotAll", 2, 2, call => BoolValue.Of(CountContained(call) < call.List(0).Count)),
        new("toUpper", 1, 1, call => TextValue.Of(call.String(0).ToUpperInvariant())),
        new("toLower", 1, 1, call => TextValue.Of(Lower(call.String(0)))),
        new("toTitle", 1, 1, call => TextValue.Of(Title(call.String(0), IsInsideWord))),
        new("indent", 2, 2, call => Indent(call, skipEmptyLines: true)),
    ];

    public static TextValue TrimSpace(TextValue text)
    {
        var bytes = text.Bytes;
        while (Rune.DecodeFromUtf8(bytes.Span, out var rune, out var length) == OperationStatus.Done && Rune.IsWhiteSpace(rune))
            bytes = bytes[length..];
        while (Rune.DecodeLastFromUtf8(bytes.Span, out var rune, out var length) == OperationStatus.Done && Rune.IsWhiteSpace(rune))
            bytes = bytes[..^length];
        return new TextValue(bytes);
    }

    public static TextValue TrimPrefix(TextValue prefix, TextValue text) =>
        text.Span.StartsWith(prefix.Span) ? new(text.Bytes[prefix.Bytes.Length..]) : text;

    public static TextValue TrimSuffix(TextValue suffix, TextValue text) =>
        text.Span.EndsWith(suffix.Span) ? new(text.Bytes[..^suffix.Bytes.Length]) : text;

    /// <summary>As Go's strings.Split: an empty separator separates the characters.</summary>
    /// <param name="call">For the limits.</param>
    /// <param name="text">What is split.</param>
    /// <param name="separator">Not part of the result.</param>
    /// <param name="max">Parts at most; the last is the rest.</param>
    public static ListValue Split(Call call, TextValue text, ReadOnlySpan<byte> separator, int max = int.MaxValue)
    {
        var parts = new List<Value>();
        var rest = text.Bytes;
        while (parts.Count < max - 1)
        {
            var at = rest.Span.IndexOf(separator);
            var length = separator.Length;
            if (length == 0)
            {
                Rune.DecodeFromUtf8(rest.Span, out _, out at);
                at = at < rest.Length ? at : -1;
            }

            if (at < 0)
                break;
            parts.Add(new TextValue(rest[..at]));
            rest = rest[(at + length)..];
        }

        if (separator.Length > 0 || !rest.IsEmpty)
            parts.Add(new TextValue(rest));
        return call.NewList(parts);
    }

    public static TextValue Join(Call call, ReadOnlySpan<byte> separator, IReadOnlyList<Value> items)
    {
        var buffer = new TextBuffer();
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                buffer.Write(separator);
            buffer.Write(call.ToText(items[i]).Span);
        }

        return buffer.ToText();
    }

    /// <summary>As Go's strings.ReplaceAll: an empty part is found before each character and at the end.</summary>
    public static TextValue Replace(Call call, TextValue text, ReadOnlySpan<byte> part, ReadOnlySpan<byte> replacement)
    {
        var buffer = new TextBuffer();
        var items = Split(call, text, part).Items;
        if (part.IsEmpty)
            buffer.Write(replacement);
        for (var i = 0; i < items.Count; i++)
        {
            buffer.Write(((TextValue)items[i]).Span);
            if (part.IsEmpty || i + 1 < items.Count)
                buffer.Write(replacement);
        }

        return buffer.ToText();
    }

    /// <summary>Puts spaces before the lines.</summary>
    /// <param name="call">Of a width and a string.</param>
    /// <param name="skipEmptyLines">consul-template does, sprig does not.</param>
    public static TextValue Indent(Call call, bool skipEmptyLines)
    {
        var spaces = new byte[call.Int(0, 0, 1000)];
        spaces.AsSpan().Fill((byte)' ');
        var buffer = new TextBuffer();
        var lineStart = true;
        foreach (var c in call.Bytes(1))
        {
            if (lineStart && !(skipEmptyLines && c == '\n'))
                buffer.Write(spaces);
            buffer.Write([c]);
            lineStart = c == '\n';
        }

        if (lineStart && !skipEmptyLines)
            buffer.Write(spaces);
        return buffer.ToText();
    }

    /// <summary>Go keeps the dotted capital I apart.</summary>
    public static string Lower(string text) => text.ToLowerInvariant();

    /// <summary>Makes the first letter of each word a capital.</summary>
    public static string Title(string text, Func<char, bool> isInsideWord)
    {
        var result = new StringBuilder(text.Length);
        var before = ' ';
        foreach (var c in text)
        {
            result.Append(isInsideWord(before) ? c : char.ToUpper(c, CultureInfo.InvariantCulture));
            before = c;
        }

        return result.ToString();
    }

    private static TextValue Trim(Call call) => TextValue.Of(call.String(1).Trim(call.String(0).ToCharArray()));

    private static ListValue Split(Call call)
    {
        var text = TrimSpace(call.Text(1));
        return text.IsTrue ? Split(call, text, call.Bytes(0)) : call.NewList([]);
    }

    private static DictValue SplitToMap(Call call)
    {
        var map = new DictValue();
        foreach (var pair in Split(call, TrimSpace(call.Text(2)), call.Bytes(0)).Items.Cast<TextValue>())
        {
            var at = pair.Span.IndexOf(call.Bytes(1));
            if (at >= 0)
                map.Set(new TextValue(pair.Bytes[..at]).Decode(), new TextValue(pair.Bytes[(at + call.Bytes(1).Length)..]));
        }

        return map;
    }

    private static TextValue Join(Call call) => Join(call, call.Bytes(0), call.List(1));

    private static bool Contains(Call call, Value container, Value item) => container switch
    {
        TextValue text when item is TextValue part => text.Span.IndexOf(part.Span) >= 0,
        ListValue list => ValueEquality.Contains(list.Items, item, call.Context.Budget),
        _ => throw call.Error($"a value of type {container.GoType} cannot contain one of type {item.GoType}"),
    };

    private static int CountContained(Call call)
    {
        var count = 0;
        foreach (var item in call.List(0))
            count += Contains(call, call[1], item) ? 1 : 0;
        return count;
    }

    private static bool IsInsideWord(char before) => char.IsLetterOrDigit(before) || before is '\'' or '\u2019' or '_';
}
