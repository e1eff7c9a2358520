using System.Globalization;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Sprig's arithmetic: everything is read as a number first.</summary>
internal static class SprigNumberFunctions
{
    public static readonly Function[] All =
    [
        new("int", 1, 1, call => new IntValue(Numbers.ToLong(call[0]))),
        new("int64", 1, 1, call => new IntValue(Numbers.ToLong(call[0]))),
        new("atoi", 1, 1, call => new IntValue(long.TryParse(call.String(0), out var number) ? number : 0)),
        new("float64", 1, 1, call => new FloatValue(Numbers.ToDouble(call[0]))),
        new("toDecimal", 1, 1, ToDecimal),
        new("add", 0, Function.Unlimited, call => Fold(call, static (a, b) => unchecked(a + b))),
        new("add1", 1, 1, call => new IntValue(unchecked(Numbers.ToLong(call[0]) + 1))),
        new("sub", 2, 2, call => Fold(call, static (a, b) => unchecked(a - b))),
        new("mul", 1, Function.Unlimited, call => Fold(call, static (a, b) => unchecked(a * b))),
        new("div", 2, 2, call => new IntValue(Numbers.Divide(call, Numbers.ToLong(call[0]), Numbers.ToLong(call[1])))),
        new("mod", 2, 2, call => new IntValue(Numbers.Remainder(call, Numbers.ToLong(call[0]), Numbers.ToLong(call[1])))),
        new("max", 1, Function.Unlimited, call => Fold(call, Math.Max)),
        new("biggest", 1, Function.Unlimited, call => Fold(call, Math.Max)),
        new("min", 1, Function.Unlimited, call => Fold(call, Math.Min)),
        new("addf", 1, Function.Unlimited, call => FoldDecimal(call, static (a, b) => a + b)),
        new("add1f", 1, 1, call => FoldDecimal(call, static (a, _) => a, 1)),
        new("subf", 1, Function.Unlimited, call => FoldDecimal(call, static (a, b) => a - b)),
        new("mulf", 1, Function.Unlimited, call => FoldDecimal(call, static (a, b) => a * b)),
        new("divf", 1, Function.Unlimited, call => FoldDecimal(call, static (a, b) => Math.Round(a / b, 16, MidpointRounding.AwayFromZero))),
        new("maxf", 1, Function.Unlimited, call => FoldReal(call, Math.Max)),
        new("minf", 1, Function.Unlimited, call => FoldReal(call, Math.Min)),
        new("floor", 1, 1, call => new FloatValue(Math.Floor(Numbers.ToDouble(call[0])))),
        new("ceil", 1, 1, call => new FloatValue(Math.Ceiling(Numbers.ToDouble(call[0])))),
        new("round", 2, 3, Round),
        new("until", 1, 1, call => Until(call, 0, Numbers.ToLong(call[0]))),
        new("untilStep", 3, 3, call => Sequence(call, Numbers.ToLong(call[0]), Numbers.ToLong(call[1]), Numbers.ToLong(call[2]))),
        new("seq", 0, 3, Seq),
    ];

    /// <summary>From start towards end, without it.</summary>
    public static ListValue Sequence(Call call, long start, long end, long step)
    {
        var numbers = new List<Value>();
        for (var i = start; step > 0 ? i < end : step < 0 && i > end; i += step)
        {
            if (numbers.Count > TemplateLimits.ListItems)
                break;
            numbers.Add(new IntValue(i));
        }

        return call.NewList(numbers);
    }

    private static ListValue Until(Call call, long start, long end) => Sequence(call, start, end, end < start ? -1 : 1);

    /// <summary>As the program seq: "1 2 3", with the last.</summary>
    private static TextValue Seq(Call call)
    {
        var numbers = call.Arguments.ToArray().Select(Numbers.ToLong).ToArray();
        if (numbers.Length == 0)
            return TextValue.Empty;
        var start = numbers.Length == 1 ? 1 : numbers[0];
        var end = numbers[^1];
        var direction = end < start ? -1 : 1;
        var step = numbers.Length == 3 ? numbers[1] : direction;
        return Math.Sign(step) == direction
            ? TextFunctions.Join(call, " "u8, Sequence(call, start, end + direction, step).Items)
            : TextValue.Empty;
    }

    private static IntValue Fold(Call call, Func<long, long, long> combine)
    {
        var result = call.Count == 0 ? 0 : Numbers.ToLong(call[0]);
        for (var i = 1; i < call.Count; i++)
            result = combine(result, Numbers.ToLong(call[i]));
        return new IntValue(result);
    }

    private static FloatValue FoldReal(Call call, Func<double, double, double> combine)
    {
        var result = Numbers.ToDouble(call[0]);
        for (var i = 1; i < call.Count; i++)
            result = combine(result, Numbers.ToDouble(call[i]));
        return new FloatValue(result);
    }

    /// <summary>Sprig calculates in decimals: 0.1 and 0.2 are 0.3.</summary>
    private static FloatValue FoldDecimal(Call call, Func<decimal, decimal, decimal> combine, decimal more = 0)
    {
        try
        {
            var result = Decimal(call, 0) + more;
            for (var i = 1; i < call.Count; i++)
                result = combine(result, Decimal(call, i));
            // A cast is not always the nearest, and a decimal may be less than zero and nothing.
            return new FloatValue(result == 0 ? 0 : double.Parse(result.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
        }
        catch (DivideByZeroException)
        {
            throw call.Error("division by zero");
        }
        catch (OverflowException)
        {
            throw call.Error("the numbers are too large");
        }
    }

    private static decimal Decimal(Call call, int index)
    {
        var number = Numbers.ToDouble(call[index]);
        // What a decimal cannot hold is refused where it is calculated with.
        return Math.Abs(number) < (double)decimal.MaxValue ? (decimal)number : throw call.Error("the numbers are too large");
    }

    /// <summary>To so many places; the third argument is the fraction from which it rounds up, .5 by default.</summary>
    private static FloatValue Round(Call call)
    {
        var power = Math.Pow(10, Numbers.ToLong(call[1]));
        var number = Numbers.ToDouble(call[0]) * power;
        var roundUpFrom = call.Count == 3 ? Numbers.ToDouble(call[2]) : .5;
        var fraction = number - Math.Truncate(number);
        var rounded = fraction >= roundUpFrom ? Math.Ceiling(number) : Math.Floor(number);
        return new FloatValue(rounded / power);
    }

    /// <summary>Reads an octal number, such as a file mode.</summary>
    private static IntValue ToDecimal(Call call)
    {
        var text = call.AnyString(0);
        return text.Length is > 0 and <= 20 && text.All(c => c is >= '0' and <= '7')
            ? new IntValue(Convert.ToInt64(text, 8))
            : throw call.Error("the value is not an octal number");
    }
}
