using System.Globalization;
using System.Text;
using SidecarAgent.Agent.Templates.Execution;

namespace SidecarAgent.Agent.Templates.Parsing;

/// <summary>What Go's string and character constants stand for.</summary>
internal static class GoUnquote
{
    /// <summary>A constant with its double quotes; the result is bytes, since \xFF is one.</summary>
    /// <exception cref="FormatException">An escape is not one of Go's; the message names it.</exception>
    public static byte[] String(string constant)
    {
        var output = new TextBuffer();
        var text = constant.AsSpan()[1..^1];
        while (!text.IsEmpty)
        {
            var (value, isByte) = Next(ref text, '"');
            var span = output.GetSpan(4);
            if (isByte)
                span[0] = (byte)value;
            output.Advance(isByte ? 1 : (Rune.IsValid(value) ? new Rune(value) : Rune.ReplacementChar).EncodeToUtf8(span));
        }

        return output.Written.ToArray();
    }

    /// <summary>A constant with its back quotes; as in Go source, carriage returns do not count.</summary>
    public static byte[] RawString(string constant) =>
        Encoding.UTF8.GetBytes(constant[1..^1].Replace("\r", "", StringComparison.Ordinal));

    /// <summary>A constant with its single quotes.</summary>
    /// <exception cref="FormatException">It holds not exactly one character.</exception>
    public static int Character(string constant)
    {
        var text = constant.AsSpan()[1..^1];
        if (text.IsEmpty)
            throw new FormatException($"{constant} holds no character");
        var (value, _) = Next(ref text, '\'');
        return text.IsEmpty ? value : throw new FormatException($"{constant} holds more than one character");
    }

    private static (int Value, bool IsByte) Next(ref ReadOnlySpan<char> text, char quote)
    {
        if (text[0] != '\\')
        {
            Rune.DecodeFromUtf16(text, out var rune, out var length);
            text = text[length..];
            return (rune.Value, false);
        }

        var escape = text.Length > 1 ? text[1] : '\0';
        var digits = escape switch { 'x' => 2, 'u' => 4, 'U' => 8, >= '0' and <= '7' => 3, _ => 0 };
        if (digits == 0)
        {
            var value = Simple(escape, quote);
            text = text[2..];
            return (value, false);
        }

        var start = digits == 3 ? 1 : 2;
        var number = text.Length < start + digits ? -1 : Number(text.Slice(start, digits), digits == 3);
        // Go knows bytes up to 377 octal and characters up to U+10FFFF that are not surrogates.
        if (number < 0 || (digits == 3 && number > 0xFF) || (digits > 3 && !Rune.IsValid((int)Math.Min(number, int.MaxValue))))
            throw new FormatException($"\\{escape} in a constant needs {digits} digits that stand for a character");
        text = text[(start + digits)..];
        return ((int)number, digits < 4);
    }

    private static int Simple(char escape, char quote) => escape switch
    {
        'a' => '\a',
        'b' => '\b',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\v',
        '\\' => '\\',
        _ when escape == quote => quote,
        _ => throw new FormatException($"'\\{escape}' is no escape of Go's constants; for a backslash write \\\\ or use back quotes"),
    };

    private static long Number(ReadOnlySpan<char> digits, bool octal)
    {
        if (!octal)
            return long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : -1;

        var number = 0L;
        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7')
                return -1;
            number = (number * 8) + (digit - '0');
        }

        return number;
    }
}
