namespace SidecarAgent.Agent.Templates.Formatting;

/// <summary>Go's verbs for floating-point numbers.</summary>
internal static class FloatFormat
{
    /// <returns>False: no verb for floating-point numbers.</returns>
    public static bool TryWrite(FormatWriter writer, double number, int verb)
    {
        switch (verb)
        {
            case 'v': Write(writer, number, 'g', -1); return true;
            case 'e' or 'E' or 'f': Write(writer, number, (char)verb, 6); return true;
            case 'F': Write(writer, number, 'f', 6); return true;
            case 'b' or 'g' or 'G' or 'x' or 'X': Write(writer, number, (char)verb, -1); return true;
            default: return false;
        }
    }

    private static void Write(FormatWriter writer, double number, char verb, int precision)
    {
        ref readonly var flags = ref writer.Flags;
        precision = flags.Precision ?? precision;
        var text = FloatText.Format(number, verb, precision);
        var sign = text[0] is '-' or '+' ? text[..1] : "+";
        text = text.TrimStart('-', '+');
        if (sign == "+")
            sign = flags.Plus ? "+" : flags.Space ? " " : text == "Inf" ? "+" : "";

        if (!double.IsFinite(number))
        {
            writer.PadWithSpaces(sign + text);
            return;
        }

        if (flags.Sharp && verb != 'b')
            text = WithPoint(text, verb, precision);

        // Zeros go between the sign and the digits.
        if (flags.Zero && !flags.Minus && flags.Width is { } width)
            text = text.PadLeft(Math.Max(width - sign.Length, 0), '0');
        writer.PadWithSpaces(sign + text);
    }

    /// <summary>The alternate form: always a point, and %g keeps the zeros at the end.</summary>
    private static string WithPoint(string text, char verb, int precision)
    {
        var exponentAt = text.IndexOfAny(verb is 'x' or 'X' ? ['p', 'P'] : ['e', 'E']);
        var (number, exponent) = exponentAt < 0 ? (text, "") : (text[..exponentAt], text[exponentAt..]);
        var missing = verb is 'g' or 'G' or 'x' ? (precision < 0 ? 6 : precision) - SignificantDigits(number) : 0;
        if (!number.Contains('.', StringComparison.Ordinal))
            number += ".";
        return number + new string('0', Math.Max(missing, 0)) + exponent;
    }

    /// <summary>A lone zero counts as one.</summary>
    private static int SignificantDigits(string number) =>
        number == "0" ? 1 : number.Replace(".", "", StringComparison.Ordinal).TrimStart('0').Length;
}
