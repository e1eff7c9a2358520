using System.Globalization;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Parsing;

/// <summary>Go's number constants: an int where the notation has neither point nor exponent, otherwise a float64.</summary>
internal static class NumberConstant
{
    /// <exception cref="FormatException">Not a number, or too large; the message says what it is instead.</exception>
    public static Value Parse(string text)
    {
        var unsigned = text.TrimStart('+', '-');
        if (text.Length - unsigned.Length > 1 || unsigned.Length == 0)
            throw Bad(text);
        if (unsigned[^1] == 'i' || unsigned[1..].AsSpan().ContainsAny('+', '-') && unsigned.EndsWith('i'))
            throw new FormatException($"'{text}' is a complex number, which templates here do not know");

        var negative = text[0] == '-';
        var (digits, numberBase) = SplitBase(unsigned);
        var isHexadecimal = numberBase == 16;
        var isFloat = unsigned.Contains('.', StringComparison.Ordinal)
            || unsigned.AsSpan().ContainsAny('p', 'P')
            || (!isHexadecimal && unsigned.AsSpan().ContainsAny('e', 'E'));
        if (!UnderscoresAreBetweenDigits(unsigned))
            throw Bad(text);
        digits = digits.Replace("_", "", StringComparison.Ordinal);
        if (!isFloat)
            return Integer(text, digits, numberBase, negative);

        var number = isHexadecimal ? HexadecimalFloat.Parse(digits) : Decimal(unsigned);
        return number is { } value && double.IsFinite(value) ? new FloatValue(negative ? -value : value) : throw Bad(text);
    }

    private static IntValue Integer(string text, string digits, int numberBase, bool negative)
    {
        UInt128 number = 0;
        foreach (var digit in digits)
        {
            var value = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : int.MaxValue;
            if (value >= numberBase)
                throw Bad(text);
            number = (number * (uint)numberBase) + (uint)value;
            if (number > (UInt128)long.MaxValue + (negative ? 1u : 0u))
                throw new FormatException($"'{text}' is too large for a whole number of 64 bits");
        }

        return digits.Length == 0 ? throw Bad(text) : new IntValue(unchecked((long)(ulong)(negative ? 0 - number : number)));
    }

    private static double? Decimal(string unsigned) =>
        double.TryParse(
            unsigned.Replace("_", "", StringComparison.Ordinal),
            NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture,
            out var number) ? number : null;

    /// <summary>A leading zero means octal, as it did before 0o.</summary>
    private static (string Digits, int Base) SplitBase(string unsigned) => unsigned switch
    {
        ['0', 'x' or 'X', .. var digits] => (digits, 16),
        ['0', 'o' or 'O', .. var digits] => (digits, 8),
        ['0', 'b' or 'B', .. var digits] => (digits, 2),
        ['0', .. { Length: > 0 } digits] => (digits, 8),
        _ => (unsigned, 10),
    };

    private static bool UnderscoresAreBetweenDigits(string unsigned)
    {
        for (var i = 0; i < unsigned.Length; i++)
        {
            if (unsigned[i] != '_')
                continue;
            var afterPrefix = i == 2 && unsigned[0] == '0' && char.IsAsciiLetter(unsigned[1]);
            if (i == 0 || i + 1 == unsigned.Length || !char.IsAsciiHexDigit(unsigned[i + 1])
                || !(char.IsAsciiHexDigit(unsigned[i - 1]) || afterPrefix))
                return false;
        }

        return true;
    }

    private static FormatException Bad(string text) => new($"'{text}' is not a number as Go writes them");
}
