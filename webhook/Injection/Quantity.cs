using System.Buffers;
using System.Globalization;

namespace SidecarAgent.Webhook.Injection;

/// <summary>
/// A Kubernetes resource quantity such as <c>24Mi</c>, <c>250m</c> or <c>1e3</c>: its text, and its value so that two can
/// be compared. Never negative.
/// </summary>
internal sealed record Quantity
{
    private const decimal Largest = 10_000_000_000m;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    private Quantity(string text, decimal value)
    {
        Text = text;
        Value = value;
    }

    public string Text { get; }

    /// <summary>In the unit of the resource: cores or bytes.</summary>
    public decimal Value { get; }

    public static Quantity Parse(string text) =>
        TryParse(text) ?? throw new FormatException($"{Foreign.Quote(text)} is not a quantity");

    /// <summary>The quantity, or null if the text is none, or one beyond 10^10 of its unit.</summary>
    public static Quantity? TryParse(string text)
    {
        if (text.Length is 0 or > 32)
            return null;
        var digits = text.AsSpan().IndexOfAnyExcept(Digits);
        var number = digits < 0 ? text : text[..digits];
        var suffix = digits < 0 ? "" : text[digits..];
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            || value > Largest
            || Factor(suffix) is not { } factor)
            return null;
        return new Quantity(text, value * factor);
    }

    public override string ToString() => Text;

    private static decimal? Factor(string suffix) => suffix switch
    {
        "" => 1m,
        "n" => 1e-9m,
        "u" => 1e-6m,
        "m" => 1e-3m,
        "k" => 1e3m,
        "M" => 1e6m,
        "G" => 1e9m,
        "T" => 1e12m,
        "P" => 1e15m,
        "E" => 1e18m,
        "Ki" => 1L << 10,
        "Mi" => 1L << 20,
        "Gi" => 1L << 30,
        "Ti" => 1L << 40,
        "Pi" => 1L << 50,
        "Ei" => 1L << 60,
        _ => suffix[0] is 'e' or 'E' ? PowerOfTen(suffix[1..]) : null,
    };

    private static decimal? PowerOfTen(string text)
    {
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)
            || exponent is < -9 or > 18)
            return null;
        var power = 1m;
        for (var i = 0; i < Math.Abs(exponent); i++)
            power *= 10;
        return exponent < 0 ? 1 / power : power;
    }
}
