using System.Globalization;
using System.Numerics;

namespace SidecarAgent.Agent.Templates.Formatting;

/// <summary>A number's bits, as Go's %b and %x show them; without the sign.</summary>
internal static class BinaryFloatText
{
    private const int MantissaBits = 52;
    private const int Bias = 1023;

    /// <summary>Mantissa and power of two in decimal: 4503599627370496p-52.</summary>
    public static string Decimal(double number)
    {
        var (mantissa, exponent) = Parts(number);
        var power = exponent - MantissaBits;
        return string.Create(CultureInfo.InvariantCulture, $"{mantissa}p{(power < 0 ? '-' : '+')}{Math.Abs(power)}");
    }

    /// <summary>0x1.8p+01.</summary>
    /// <param name="number">The number.</param>
    /// <param name="precision">Digits after the point; -1: as many as are needed.</param>
    /// <param name="upper">0X1.8P+01.</param>
    public static string Hexadecimal(double number, int precision, bool upper)
    {
        var (mantissa, exponent) = Parts(number);
        if (mantissa == 0)
            exponent = 0;

        // The one bit before the point at bit 60, so that the digits are the nibbles below it.
        mantissa <<= 60 - MantissaBits;
        while (mantissa != 0 && (mantissa >> 60) == 0)
        {
            mantissa <<= 1;
            exponent--;
        }

        if (precision is >= 0 and < 15)
            (mantissa, exponent) = Round(mantissa, exponent, precision);
        var digits = (mantissa & ((1UL << 60) - 1)).ToString("x15", CultureInfo.InvariantCulture);
        digits = precision < 0 ? digits.TrimEnd('0') : digits.PadRight(precision, '0')[..precision];
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"0x{mantissa >> 60}{(digits.Length > 0 ? "." : "")}{digits}p{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        return upper ? text.ToUpperInvariant() : text;
    }

    /// <summary>Half to even.</summary>
    private static (ulong Mantissa, int Exponent) Round(ulong mantissa, int exponent, int precision)
    {
        var shift = 60 - (4 * precision);
        var extra = mantissa & ((1UL << shift) - 1);
        var kept = mantissa >> shift;
        if (extra + (kept & 1) > 1UL << (shift - 1))
            kept++;
        kept <<= shift;
        return BitOperations.Log2(kept | 1) > 60 ? (kept >> 1, exponent + 1) : (kept, exponent);
    }

    private static (ulong Mantissa, int Exponent) Parts(double number)
    {
        var bits = BitConverter.DoubleToUInt64Bits(number);
        var mantissa = bits & ((1UL << MantissaBits) - 1);
        var exponent = (int)((bits >> MantissaBits) & 0x7FF);
        return exponent == 0 ? (mantissa, 1 - Bias) : (mantissa | (1UL << MantissaBits), exponent - Bias);
    }
}
