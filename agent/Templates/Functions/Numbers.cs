using System.Globalization;
using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Parsing;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Reads values as numbers.</summary>
internal static class Numbers
{
    /// <summary>As sprig's int64 does: strings in Go's notation, floats without their fraction, true as 1, all else 0.</summary>
    public static long ToLong(Value value) => value switch
    {
        IntValue number => number.Number,
        FloatValue number => (long)number.Number,
        BoolValue boolean => boolean.IsTrue ? 1 : 0,
        TextValue text => Constant(text) switch { IntValue number => number.Number, FloatValue number => (long)number.Number, _ => 0 },
        _ => 0,
    };

    /// <summary>As sprig's float64 does.</summary>
    public static double ToDouble(Value value) => value switch
    {
        FloatValue number => number.Number,
        TextValue text => TryParseFloat(text.Decode(), out var number) ? number : 0,
        _ => ToLong(value),
    };

    /// <summary>Go's ParseFloat: decimal or hexadecimal, inf and nan in any case.</summary>
    public static bool TryParseFloat(string text, out double number)
    {
        number = 0;
        switch (text.ToLowerInvariant().TrimStart('+', '-'))
        {
            case "inf" or "infinity":
                number = text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
                return text.Length - text.TrimStart('+', '-').Length <= 1;
            case "nan":
                number = double.NaN;
                return text.Length == 3;
            case ['0', 'x', ..]:
                var constant = Constant(TextValue.Of(text));
                number = constant is FloatValue value ? value.Number : 0;
                return constant is FloatValue;
            default:
                const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
                return double.TryParse(text, Styles, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
        }
    }

    /// <summary>Adds or otherwise joins two numbers: whole ones stay whole, and overflow wraps, as in Go.</summary>
    /// <exception cref="EvaluationException">One is no number.</exception>
    public static Value Combine(Call call, Value left, Value right, Func<long, long, long> whole, Func<double, double, double> real) =>
        (left, right) switch
        {
            (IntValue a, IntValue b) => new IntValue(whole(a.Number, b.Number)),
            (IntValue or FloatValue, IntValue or FloatValue) => new FloatValue(real(ToDouble(left), ToDouble(right))),
            (IntValue or FloatValue, _) => throw call.Error($"a value of type {right.GoType} is no number"),
            _ => throw call.Error($"a value of type {left.GoType} is no number"),
        };

    public static long Divide(Call call, long left, long right) => right switch
    {
        0 => throw call.Error("division by zero"),
        -1 => unchecked(-left),
        _ => left / right,
    };

    public static long Remainder(Call call, long left, long right) => right switch
    {
        0 => throw call.Error("division by zero"),
        -1 => 0,
        _ => left % right,
    };

    private static Value? Constant(TextValue text)
    {
        try
        {
            return text.Bytes.Length is > 0 and < 100 ? NumberConstant.Parse(text.Decode()) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
