using System.Buffers;
using System.Globalization;
using System.Text;

namespace SidecarAgent.Agent.Rendering;

/// <summary>
/// One string in YAML, in a style that every reader of YAML 1.1 and 1.2 takes for that string: plain only if no reader
/// can see a number, a truth value, a null or a date in it, several lines as a literal block, all else double-quoted.
/// </summary>
internal static class YamlString
{
    private static readonly HashSet<string> OtherTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        "null", "nil", "true", "false", "yes", "no", "on", "off", "y", "n",
    };

    /// <summary>A mapping's key: stays on one line.</summary>
    public static void WriteKey(ReadOnlySpan<byte> utf8, IBufferWriter<byte> output)
    {
        if (IsPlain(utf8))
            output.Write(utf8);
        else
            WriteQuoted(utf8, output);
    }

    /// <summary>A value after "key: " or "- "; without the line break that ends it.</summary>
    /// <param name="utf8">The string.</param>
    /// <param name="indent">Spaces before the lines of a literal block: more than its parent has.</param>
    /// <param name="output">Gets the scalar.</param>
    public static void Write(ReadOnlySpan<byte> utf8, int indent, IBufferWriter<byte> output)
    {
        if (CanBeBlock(utf8))
            WriteBlock(utf8, indent, output);
        else
            WriteKey(utf8, output);
    }

    private static bool IsPlain(ReadOnlySpan<byte> utf8)
    {
        // Numbers and dates of all dialects begin with one of these: not worth telling them from what only looks alike.
        if (utf8.IsEmpty || utf8[0] is (>= (byte)'0' and <= (byte)'9') or (byte)'+' or (byte)'-' or (byte)'.' or (byte)'=')
            return false;

        var before = (Rune)' ';
        foreach (var rune in new Utf8Runes(utf8))
        {
            var allowed = Rune.IsLetterOrDigit(rune)
                || rune.Value is '_' or '-' or '.' or '/' or '+' or '=' or ';' or '(' or ')' or '$' or '^' or '\\'
                || (rune.Value is ':' or ' ' or '%' or '~' or '@' && before.Value != ' ');
            // ": " would begin a value.
            if (!allowed || (before.Value == ':' && rune.Value == ' '))
                return false;
            before = rune;
        }

        return before.Value is not (' ' or ':')
            && !(utf8.Length <= 5 && OtherTypes.Contains(Encoding.UTF8.GetString(utf8)));
    }

    private static bool CanBeBlock(ReadOnlySpan<byte> utf8)
    {
        // Some readers guess a type also of a block, so one line with a break behind it would not be safe.
        if (!utf8.TrimEnd((byte)'\n').Contains((byte)'\n') || utf8[0] is (byte)' ' or (byte)'\n')
            return false;

        var before = (Rune)'\n';
        foreach (var rune in new Utf8Runes(utf8))
        {
            // Editors drop blanks at a line's end, and a mark of the document may not look like one.
            if ((rune.Value != '\n' && !IsPrintable(rune)) || (rune.Value == '\n' && before.Value == ' '))
                return false;
            before = rune;
        }

        return before.Value != ' ';
    }

    private static void WriteBlock(ReadOnlySpan<byte> utf8, int indent, IBufferWriter<byte> output)
    {
        var trimmed = utf8.TrimEnd((byte)'\n');
        var lineBreaks = utf8.Length - trimmed.Length;
        output.Write(lineBreaks switch { 0 => "|-"u8, 1 => "|"u8, _ => "|+"u8 });
        foreach (var range in trimmed.Split((byte)'\n'))
        {
            output.Write("\n"u8);
            if (range.Start.Equals(range.End))
                continue;
            output.GetSpan(indent)[..indent].Fill((byte)' ');
            output.Advance(indent);
            output.Write(trimmed[range]);
        }

        // The caller ends the last line; what is kept beyond that are empty lines.
        for (var extra = 1; extra < lineBreaks; extra++)
            output.Write("\n"u8);
    }

    private static void WriteQuoted(ReadOnlySpan<byte> utf8, IBufferWriter<byte> output)
    {
        output.Write("\""u8);
        foreach (var rune in new Utf8Runes(utf8))
        {
            var span = output.GetSpan(10);
            switch (rune.Value)
            {
                case '"' or '\\':
                    output.Write([(byte)'\\', (byte)rune.Value]);
                    break;
                case '\n': output.Write("\\n"u8); break;
                case '\t': output.Write("\\t"u8); break;
                case '\r': output.Write("\\r"u8); break;
                case '\0': output.Write("\\0"u8); break;
                default:
                    output.Advance(IsPrintable(rune) ? rune.EncodeToUtf8(span) : Escape(rune, span));
                    break;
            }
        }

        output.Write("\""u8);
    }

    private static int Escape(Rune rune, Span<byte> span)
    {
        var (letter, format) = rune.Value switch { <= 0xFF => ('x', "X2"), <= 0xFFFF => ('u', "X4"), _ => ('U', "X8") };
        span[0] = (byte)'\\';
        span[1] = (byte)letter;
        rune.Value.TryFormat(span[2..], out var digits, format, CultureInfo.InvariantCulture);
        return 2 + digits;
    }

    /// <summary>Not controls, format characters (byte order mark), other line ends or code points without a character.</summary>
    private static bool IsPrintable(Rune rune) =>
        rune.Value == ' '
        || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse
            or UnicodeCategory.Surrogate or UnicodeCategory.SpaceSeparator);
}
