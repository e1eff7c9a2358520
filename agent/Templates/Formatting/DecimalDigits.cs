using System.Globalization;

namespace SidecarAgent.Agent.Templates.Formatting;

/// <summary>
/// The size of a number as 0.d1d2d3... times ten to the power of <see cref="Point"/>; no digits stand for zero. .NET
/// rounds halves away from zero and Go to even, so rounding is done here.
/// </summary>
internal readonly record struct DecimalDigits(string Digits, int Point)
{
    /// <summary>The fewest digits that are read back as the same number.</summary>
    public static DecimalDigits Shortest(double number) => Parse(Math.Abs(number).ToString("R", CultureInfo.InvariantCulture));

    /// <summary>All digits: a double never needs more than 767.</summary>
    public static DecimalDigits Exact(double number) => Parse(Math.Abs(number).ToString("E766", CultureInfo.InvariantCulture));

    /// <summary>Half to even.</summary>
    public DecimalDigits Round(int count)
    {
        if (count >= Digits.Length)
            return this;
        if (count < 0)
            return new("", 0);

        var next = Digits[count];
        var half = next == '5' && count + 1 == Digits.Length;
        var up = half ? count > 0 && (Digits[count - 1] - '0') % 2 == 1 : next >= '5';
        var kept = Digits[..count].ToCharArray();
        if (!up)
            return Trimmed(new string(kept), Point);

        for (var i = count - 1; i >= 0; i--)
        {
            if (kept[i] < '9')
            {
                kept[i]++;
                return new(new string(kept, 0, i + 1), Point);
            }
        }

        return new("1", Point + 1);
    }

    /// <param name="text">Digits with at most one point, and maybe an exponent: "12.5", "1.25E+001", "1E-05".</param>
    private static DecimalDigits Parse(string text)
    {
        var exponentAt = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = exponentAt < 0
            ? 0
            : int.Parse(text.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = exponentAt < 0 ? text : text[..exponentAt];
        var pointAt = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = pointAt < 0 ? mantissa : mantissa[..pointAt];
        var digits = pointAt < 0 ? mantissa : whole + mantissa[(pointAt + 1)..];
        var significant = digits.TrimStart('0');
        return Trimmed(significant, whole.Length + exponent - (digits.Length - significant.Length));
    }

    private static DecimalDigits Trimmed(string digits, int point)
    {
        var trimmed = digits.TrimEnd('0');
        return trimmed.Length == 0 ? new("", 0) : new(trimmed, point);
    }
}
