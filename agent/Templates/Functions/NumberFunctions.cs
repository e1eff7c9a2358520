using System.Globalization;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>
/// Numbers, as consul-template has them: what a pipe brings is what is calculated with, so "10 | subtract 3" is 7.
/// </summary>
internal static class NumberFunctions
{
    public static readonly Function[] All =
    [
        new("parseInt", 1, 1, ParseInt),
        new("parseUint", 1, 1, ParseUint),
        new("parseFloat", 1, 1, ParseFloat),
        new("parseBool", 1, 1, ParseBool),
        new("add", 0, Function.Unlimited, call => Fold(call, new IntValue(0), static (a, b) => unchecked(a + b), static (a, b) => a + b)),
        new("multiply", 2, 2, call => Fold(call, new IntValue(1), static (a, b) => unchecked(a * b), static (a, b) => a * b)),
        new("subtract", 2, 2, call => Numbers.Combine(call, call[1], call[0], static (a, b) => unchecked(a - b), static (a, b) => a - b)),
        new("divide", 2, 2, Divide),
        new("modulo", 2, 2, call => new IntValue(Numbers.Remainder(call, call.Long(1), call.Long(0)))),
        new("minimum", 2, 2, call => Numbers.Combine(call, call[0], call[1], Math.Min, Math.Min)),
        new("maximum", 2, 2, call => Numbers.Combine(call, call[0], call[1], Math.Max, Math.Max)),
        new("loop", 1, 2, Loop),
    ];

    public static Value Fold(Call call, Value start, Func<long, long, long> whole, Func<double, double, double> real)
    {
        foreach (var argument in call.Arguments)
            start = Numbers.Combine(call, start, argument, whole, real);
        return start;
    }

    private static Value Divide(Call call)
    {
        if (call[0] is IntValue divisor && call[1] is IntValue dividend)
            return new IntValue(Numbers.Divide(call, dividend.Number, divisor.Number));
        return Numbers.Combine(call, call[1], call[0], static (a, _) => a, static (a, b) => a / b);
    }

    /// <summary>Decimal; an empty string is zero.</summary>
    private static IntValue ParseInt(Call call) =>
        !call.Text(0).IsTrue ? new IntValue(0)
        : long.TryParse(call.String(0), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? new IntValue(number)
        : throw call.Error("the string is not a whole number of 64 bits");

    private static IntValue ParseUint(Call call) =>
        ParseInt(call) is { Number: >= 0 } number && call.Bytes(0).IndexOfAny("+-"u8) < 0
            ? number
            : throw call.Error("the string is not a whole number without a sign");

    private static FloatValue ParseFloat(Call call) =>
        !call.Text(0).IsTrue ? new FloatValue(0)
        : Numbers.TryParseFloat(call.String(0), out var number) ? new FloatValue(number)
        : throw call.Error("the string is not a number");

    private static BoolValue ParseBool(Call call) => call.String(0) switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => BoolValue.True,
        "" or "0" or "f" or "F" or "false" or "FALSE" or "False" => BoolValue.False,
        _ => throw call.Error("the string is neither true nor false"),
    };

    /// <summary>The numbers from the first, or 0, up to but without the last.</summary>
    private static ListValue Loop(Call call)
    {
        var start = call.Count == 2 ? LoopBound(call, 0) : 0;
        var end = LoopBound(call, call.Count - 1);
        return SprigNumberFunctions.Sequence(call, start, end, 1);
    }

    private static long LoopBound(Call call, int index) =>
        call[index] is TextValue text && long.TryParse(text.Decode(), CultureInfo.InvariantCulture, out var number)
            ? number
            : call.Long(index);
}
