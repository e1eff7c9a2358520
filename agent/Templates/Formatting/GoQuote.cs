using System.Buffers;
using System.Globalization;
using System.Text;
using SidecarAgent.Agent.Rendering;

namespace SidecarAgent.Agent.Templates.Formatting;

/// <summary>Strings and characters as Go source writes them (strconv.Quote).</summary>
internal static class GoQuote
{
    /// <param name="text">What is not UTF-8 in it becomes \x escapes.</param>
    /// <param name="ascii">Escape everything beyond ASCII.</param>
    public static string Text(ReadOnlySpan<byte> text, bool ascii)
    {
        var result = new StringBuilder("\"");
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(text, out var rune, out var length) == OperationStatus.Done)
            {
                AppendEscaped(result, rune, '"', ascii);
            }
            else
            {
                length = 1;
                result.Append(CultureInfo.InvariantCulture, $"\\x{text[0]:x2}");
            }

            text = text[length..];
        }

        return result.Append('"').ToString();
    }

    public static string Character(Rune rune, bool ascii)
    {
        var result = new StringBuilder("'");
        AppendEscaped(result, rune, '\'', ascii);
        return result.Append('\'').ToString();
    }

    /// <summary>Whether the text can stand between back quotes: one line, no back quote, no control but tab.</summary>
    public static bool CanBackquote(ReadOnlySpan<byte> text)
    {
        if (!System.Text.Unicode.Utf8.IsValid(text))
            return false;
        foreach (var rune in new Utf8Runes(text))
        {
            if (rune.Value is '`' or 0x7F or 0xFEFF or (< ' ' and not '\t'))
                return false;
        }

        return true;
    }

    /// <summary>Go's IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space.</summary>
    public static bool IsPrintable(Rune rune) =>
        rune.Value == ' '
        || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.SpaceSeparator
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static void AppendEscaped(StringBuilder result, Rune rune, char quote, bool ascii)
    {
        if (rune.Value == quote || rune.Value == '\\')
            result.Append('\\').Append((char)rune.Value);
        else if (rune.Value < 0x80 ? rune.Value is >= ' ' and < 0x7F : !ascii && IsPrintable(rune))
            result.Append(rune.ToString());
        else
            result.Append(Escape(rune.Value));
    }

    private static string Escape(int value) => value switch
    {
        '\a' => "\\a",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\v' => "\\v",
        < ' ' or 0x7F => $"\\x{value:x2}",
        < 0x10000 => $"\\u{value:x4}",
        _ => $"\\U{value:x8}",
    };
}
