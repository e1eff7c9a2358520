using System.Text;

namespace SidecarAgent.Agent.Templates.Formatting;

/// <summary>Go's verbs for whole numbers.</summary>
internal static class IntegerFormat
{
    /// <returns>False: no verb for numbers.</returns>
    public static bool TryWrite(FormatWriter writer, long number, int verb)
    {
        switch (verb)
        {
            case 'v' or 'd': Write(writer, number, 10, verb); return true;
            case 'b': Write(writer, number, 2, verb); return true;
            case 'o' or 'O': Write(writer, number, 8, verb); return true;
            case 'x' or 'X': Write(writer, number, 16, verb); return true;
            case 'c': writer.Pad(Character(number).ToString()); return true;
            case 'q': writer.Pad(GoQuote.Character(Character(number), writer.Flags.Plus)); return true;
            case 'U': WriteCodePoint(writer, number); return true;
            default: return false;
        }
    }

    private static void Write(FormatWriter writer, long number, uint numberBase, int verb)
    {
        ref readonly var flags = ref writer.Flags;
        if (flags.Precision == 0 && number == 0)
        {
            writer.PadWithSpaces("");
            return;
        }

        var negative = number < 0;
        var sign = negative ? "-" : flags.Plus ? "+" : flags.Space ? " " : "";
        var digits = Digits(negative ? unchecked(0 - (ulong)number) : (ulong)number, numberBase, upper: verb == 'X');

        // Two ways to ask for leading zeros, %.3d and %03d; the first wins.
        var zeros = flags.Precision
            ?? (flags.Zero && !flags.Minus && flags.Width is { } width ? width - sign.Length : 0);
        digits = digits.PadLeft(Math.Max(zeros, 0), '0');
        writer.PadWithSpaces(sign + Prefix(flags.Sharp, numberBase, verb, digits) + digits);
    }

    private static string Prefix(bool sharp, uint numberBase, int verb, string digits) => (verb, numberBase) switch
    {
        ('O', _) => "0o",
        (_, 2) when sharp => "0b",
        (_, 8) when sharp && digits[0] != '0' => "0",
        ('x', _) when sharp => "0x",
        ('X', _) when sharp => "0X",
        _ => "",
    };

    private static string Digits(ulong number, uint numberBase, bool upper)
    {
        Span<char> digits = stackalloc char[64];
        var at = digits.Length;
        do
        {
            digits[--at] = (upper ? "0123456789ABCDEF" : "0123456789abcdef")[(int)(number % numberBase)];
            number /= numberBase;
        }
        while (number != 0);
        return new string(digits[at..]);
    }

    /// <summary>%U: "U+0078", with # also the character itself.</summary>
    private static void WriteCodePoint(FormatWriter writer, long number)
    {
        var text = "U+" + Digits((ulong)number, 16, upper: true).PadLeft(Math.Max(writer.Flags.Precision ?? 4, 4), '0');
        if (writer.Flags.Sharp && number is >= 0 and <= 0x10FFFF && GoQuote.IsPrintable(Character(number)))
            text += $" '{Character(number)}'";
        writer.PadWithSpaces(text);
    }

    private static Rune Character(long number) =>
        number is >= 0 and <= 0x10FFFF && Rune.TryCreate((int)number, out var rune) ? rune : Rune.ReplacementChar;
}
