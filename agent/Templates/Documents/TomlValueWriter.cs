using System.Buffers;
using System.Globalization;
using System.Text;
using SidecarAgent.Agent.Rendering;
using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Formatting;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Documents;

/// <summary>A map as TOML 1.0: plain entries first, then tables, sorted. Nil entries are left out, since TOML has no null.</summary>
internal sealed class TomlValueWriter(IBufferWriter<byte> output)
{
    private bool _written;

    /// <exception cref="EvaluationException">A list holds nil, or values are nested too deep.</exception>
    public void Write(MapValue map) => WriteTable(map, "", 0);

    private void WriteTable(MapValue map, string path, int depth)
    {
        CheckDepth(depth);
        foreach (var key in map.Keys)
        {
            var value = map[key];
            if (value.IsNil || IsTable(value) || IsTableList(value))
                continue;
            Line(Key(key) + " = ");
            WriteInline(value, depth + 1);
        }

        foreach (var key in map.Keys)
        {
            var name = path.Length == 0 ? Key(key) : $"{path}.{Key(key)}";
            if (map[key] is MapValue table)
                WriteTableWithHeader($"[{name}]", table, name, depth);
            else if (IsTableList(map[key]))
                ((ListValue)map[key]).Items.ToList().ForEach(item => WriteTableWithHeader($"[[{name}]]", (MapValue)item, name, depth));
        }
    }

    private void WriteTableWithHeader(string header, MapValue table, string path, int depth)
    {
        if (_written)
            Line("");
        Line(header);
        WriteTable(table, path, depth + 1);
    }

    private void WriteInline(Value value, int depth)
    {
        CheckDepth(depth);
        switch (value)
        {
            case TextValue text:
                WriteString(text);
                break;
            case ListValue list:
                WriteSequence("["u8, list.Items, item => WriteInline(item, depth + 1), "]"u8);
                break;
            case MapValue map:
                WriteSequence("{"u8, map.Keys.Where(key => !map[key].IsNil), key => WriteEntry(map, key, depth), "}"u8);
                break;
            case NilValue:
                throw new EvaluationException("TOML has no null, so a list cannot hold one");
            default:
                Raw(Scalar(value));
                break;
        }
    }

    private void WriteEntry(MapValue map, string key, int depth)
    {
        Raw(Key(key) + " = ");
        WriteInline(map[key], depth + 1);
    }

    private void WriteSequence<T>(ReadOnlySpan<byte> open, IEnumerable<T> items, Action<T> write, ReadOnlySpan<byte> close)
    {
        output.Write(open);
        var first = true;
        foreach (var item in items)
        {
            if (!first)
                output.Write(", "u8);
            first = false;
            write(item);
        }

        output.Write(close);
    }

    private void WriteString(TextValue text)
    {
        if (!System.Text.Unicode.Utf8.IsValid(text.Span))
            throw new EvaluationException("a string is not UTF-8 text, which TOML cannot hold; use base64Encode");
        Raw(Quoted(text.Span));
    }

    private static string Scalar(Value value) => value switch
    {
        BoolValue boolean => boolean.IsTrue ? "true" : "false",
        TimeValue time => time.Rfc3339,
        IntValue number => NumberText.Of(number.Number),
        FloatValue { Number: double.NaN } => "nan",
        FloatValue { Number: double.PositiveInfinity } => "inf",
        FloatValue { Number: double.NegativeInfinity } => "-inf",
        FloatValue number when FloatText.Format(number.Number, 'f', -1) is var text =>
            text.Contains('.', StringComparison.Ordinal) ? text : text + ".0",
        _ => throw new EvaluationException($"TOML cannot hold a value of type {value.GoType}"),
    };

    private static string Key(string key) =>
        key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? key : Quoted(Encoding.UTF8.GetBytes(key));

    private static string Quoted(ReadOnlySpan<byte> utf8)
    {
        var result = new StringBuilder("\"");
        foreach (var rune in new Utf8Runes(utf8))
        {
            _ = rune.Value switch
            {
                '"' or '\\' => result.Append('\\').Append((char)rune.Value),
                '\n' => result.Append("\\n"),
                '\r' => result.Append("\\r"),
                '\t' => result.Append("\\t"),
                < ' ' or 0x7F => result.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => result.Append(rune.ToString()),
            };
        }

        return result.Append('"').ToString();
    }

    private static bool IsTable(Value value) => value is MapValue;

    private static bool IsTableList(Value value) => value is ListValue { Items.Count: > 0 } list && list.Items.All(IsTable);

    private void Line(string text)
    {
        if (_written)
            output.Write("\n"u8);
        _written = true;
        Raw(text);
    }

    private void Raw(string text) => output.Write(Encoding.UTF8.GetBytes(text));

    private static void CheckDepth(int depth)
    {
        if (depth > TemplateLimits.ValueDepth)
            throw new EvaluationException($"lists and maps are nested deeper than {TemplateLimits.ValueDepth}");
    }
}
