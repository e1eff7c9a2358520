using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SidecarAgent.Yaml;

/// <summary>
/// What a plain (unquoted) scalar means. Kubernetes' tools read YAML 1.1: <c>yes</c> and <c>off</c> are booleans, and 0440 is
/// an octal number. Taking it otherwise here would preview another pod than the cluster gets.
/// </summary>
internal static class YamlScalars
{
    /// <returns>False for the numbers that JSON has no form for: infinities and not-a-number.</returns>
    public static bool TryRead(string text, out JsonNode? value)
    {
        value = null;
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return true;
            case "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON":
                value = JsonValue.Create(true);
                return true;
            case "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF":
                value = JsonValue.Create(false);
                return true;
            case ".nan" or ".NaN" or ".NAN" or ".inf" or ".Inf" or ".INF" or "+.inf" or "-.inf" or "+.Inf" or "-.Inf"
                or "+.INF" or "-.INF":
                return false;
            default:
                value = Number(text) ?? JsonValue.Create(text);
                return true;
        }
    }

    /// <summary>Whether the text, unquoted, would be read as the same text.</summary>
    public static bool IsPlainText(string text) =>
        TryRead(text, out var value) && value?.GetValueKind() == JsonValueKind.String;

    private static JsonNode? Number(string text)
    {
        var first = text[0];
        if (!char.IsAsciiDigit(first) && first is not ('-' or '+' or '.'))
            return null;
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        return WholeNumber(digits) ?? Fraction(digits);
    }

    private static JsonValue? WholeNumber(string text)
    {
        var isNegative = text.StartsWith('-');
        var unsigned = text.AsSpan(isNegative || text.StartsWith('+') ? 1 : 0);
        if (unsigned.IsEmpty)
            return null;

        var based = unsigned switch
        {
            ['0', 'x' or 'X', .. var hex] => Based(hex, 16),
            ['0', 'o' or 'O', .. var octal] => Based(octal, 8),
            ['0', 'b' or 'B', .. var binary] => Based(binary, 2),
            ['0', _, ..] => Based(unsigned[1..], 8),
            _ => long.TryParse(unsigned, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null,
        };
        return based is { } whole ? JsonValue.Create(isNegative ? -whole : whole) : null;
    }

    private static long? Based(ReadOnlySpan<char> digits, int radix)
    {
        if (digits.IsEmpty || digits.Length > 60)
            return null;
        long value = 0;
        foreach (var digit in digits)
        {
            var number = char.IsAsciiHexDigit(digit) ? System.Convert.ToInt32(digit.ToString(), 16) : radix;
            if (number >= radix || value > (long.MaxValue - number) / radix)
                return null;
            value = (value * radix) + number;
        }

        return value;
    }

    /// <summary>A text that is a JSON number as it stands keeps all its digits.</summary>
    private static JsonNode? Fraction(string text)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!double.TryParse(text, Style, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
            return null;
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(value);
        }
    }
}
