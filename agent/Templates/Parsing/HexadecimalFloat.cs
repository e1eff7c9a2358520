using System.Globalization;

namespace SidecarAgent.Agent.Templates.Parsing;

/// <summary>Numbers such as 0x1.8p+1: hexadecimal digits and a power of two.</summary>
internal static class HexadecimalFloat
{
    private const int MaxDigits = 13;

    /// <param name="digits">Behind 0x, without underscores.</param>
    /// <returns>Null: not such a number, or with more digits than a double holds exactly.</returns>
    public static double? Parse(string digits)
    {
        var powerAt = digits.IndexOfAny(['p', 'P']);
        if (powerAt < 0
            || !int.TryParse(digits.AsSpan(powerAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power))
            return null;

        var mantissa = digits[..powerAt];
        var pointAt = mantissa.IndexOf('.', StringComparison.Ordinal);
        var fraction = pointAt < 0 ? 0 : mantissa.Length - pointAt - 1;
        var all = pointAt < 0 ? mantissa : mantissa.Remove(pointAt, 1);
        return all.Length <= MaxDigits
            && long.TryParse(all, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
                ? Math.ScaleB(value, power - (4 * fraction))
                : null;
    }
}
