using System.Buffers;
using System.Globalization;
using SidecarAgent.Agent.Templates.Parsing;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Documents;

/// <summary>What an unquoted scalar stands for, as Go's yaml.v2 reads it: YAML 1.1, without dates.</summary>
internal static class YamlPlainScalar
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789abcdefABCDEFxXoO+-.");

    public static Value Resolve(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return NilValue.Null;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON":
                return BoolValue.True;
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF":
                return BoolValue.False;
            case ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF":
                return new FloatValue(double.PositiveInfinity);
            case "-.inf" or "-.Inf" or "-.INF":
                return new FloatValue(double.NegativeInfinity);
            case ".nan" or ".NaN" or ".NAN":
                return new FloatValue(double.NaN);
            default:
                return char.IsAsciiDigit(text[0]) || text[0] is '+' or '-' or '.' ? Number(text) : TextValue.Of(text);
        }
    }

    private static Value Number(string text)
    {
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        if (plain.AsSpan(1).IndexOfAnyExcept(NumberCharacters) >= 0)
            return TextValue.Of(text);
        try
        {
            if (NumberConstant.Parse(plain) is IntValue integer)
                return new IntValue(integer.Number) { IsData = true };
        }
        catch (FormatException)
        {
            // Not a whole number of any base: maybe a float, maybe text.
        }

        const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(plain, Styles, CultureInfo.InvariantCulture, out var number)
            ? new FloatValue(number)
            : TextValue.Of(text);
    }
}
