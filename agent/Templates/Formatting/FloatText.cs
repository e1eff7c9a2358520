using System.Globalization;
using System.Text;

namespace SidecarAgent.Agent.Templates.Formatting;

/// <summary>Floating-point numbers as Go's strconv.FormatFloat writes them.</summary>
internal static class FloatText
{
    private const int Shortest = -1;

    /// <param name="number">The number.</param>
    /// <param name="verb">e, E, f, F, g, G, x, X or b.</param>
    /// <param name="precision">Digits after the point (g: in all); -1: as many as tell the number from its neighbours.</param>
    public static string Format(double number, char verb, int precision)
    {
        if (double.IsNaN(number))
            return "NaN";
        if (double.IsInfinity(number))
            return number > 0 ? "+Inf" : "-Inf";

        var sign = double.IsNegative(number) ? "-" : "";
        return sign + char.ToLowerInvariant(verb) switch
        {
            'b' => BinaryFloatText.Decimal(number),
            'x' => BinaryFloatText.Hexadecimal(number, precision, upper: verb == 'X'),
            _ => Decimal(number, verb, precision),
        };
    }

    private static string Decimal(double number, char verb, int precision)
    {
        if (precision == Shortest)
        {
            var shortest = DecimalDigits.Shortest(number);
            var count = shortest.Digits.Length;
            return char.ToLowerInvariant(verb) switch
            {
                'e' => Exponential(shortest, Math.Max(count - 1, 0), verb),
                'f' => Fixed(shortest, Math.Max(count - shortest.Point, 0)),
                _ => General(shortest, count, 6, verb),
            };
        }

        var exact = DecimalDigits.Exact(number);
        switch (char.ToLowerInvariant(verb))
        {
            case 'e':
                return Exponential(exact.Round(precision + 1), precision, verb);
            case 'f':
                return Fixed(exact.Round(exact.Point + precision), precision);
            default:
                precision = Math.Max(precision, 1);
                var digits = exact.Round(precision);
                var threshold = precision > digits.Digits.Length && digits.Digits.Length >= digits.Point ? digits.Digits.Length : precision;
                return General(digits, precision, threshold, verb);
        }
    }

    /// <summary>%g: %e for very small and very large numbers, otherwise %f.</summary>
    private static string General(DecimalDigits digits, int precision, int threshold, char verb)
    {
        var exponent = digits.Point - 1;
        var count = digits.Digits.Length;
        if (exponent < -4 || exponent >= threshold)
            return Exponential(digits, Math.Max(Math.Min(precision, count) - 1, 0), char.IsUpper(verb) ? 'E' : 'e');
        return Fixed(digits, Math.Max(count - digits.Point, 0));
    }

    private static string Exponential(DecimalDigits digits, int precision, char verb)
    {
        var all = digits.Digits.PadRight(precision + 1, '0');
        var exponent = digits.Digits.Length == 0 ? 0 : digits.Point - 1;
        var text = new StringBuilder().Append(all[0]);
        if (precision > 0)
            text.Append('.').Append(all, 1, precision);
        return text.Append(verb)
            .Append(exponent < 0 ? '-' : '+')
            .Append(Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture))
            .ToString();
    }

    private static string Fixed(DecimalDigits digits, int precision)
    {
        var text = new StringBuilder();
        if (digits.Point > 0)
            text.Append(digits.Digits.PadRight(digits.Point, '0'), 0, digits.Point);
        else
            text.Append('0');
        if (precision == 0)
            return text.ToString();

        text.Append('.');
        for (var i = 0; i < precision; i++)
        {
            var at = digits.Point + i;
            text.Append(at >= 0 && at < digits.Digits.Length ? digits.Digits[at] : '0');
        }

        return text.ToString();
    }
}
