using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Go's comparisons: only values of one kind compare, and only nil with everything.</summary>
internal static class ComparisonFunctions
{
    public static readonly Function[] All =
    [
        new("eq", 1, Function.Unlimited, IsAnyEqual),
        new("ne", 2, 2, call => BoolValue.Of(!AreEqual(call, call[0], call[1]))),
        new("lt", 2, 2, call => BoolValue.Of(Compare(call) < 0)),
        new("le", 2, 2, call => BoolValue.Of(Compare(call) <= 0)),
        new("gt", 2, 2, call => BoolValue.Of(!(Compare(call) <= 0))),
        new("ge", 2, 2, call => BoolValue.Of(!(Compare(call) < 0))),
    ];

    private static BoolValue IsAnyEqual(Call call)
    {
        if (call.Count == 1)
            throw call.Error("missing argument for comparison");
        for (var i = 1; i < call.Count; i++)
        {
            if (AreEqual(call, call[0], call[i]))
                return BoolValue.True;
        }

        return BoolValue.False;
    }

    private static bool AreEqual(Call call, Value left, Value right)
    {
        switch (left, right)
        {
            case (NilValue, _) or (_, NilValue):
                return left.IsNil && right.IsNil;
            case (BoolValue a, BoolValue b):
                return a.IsTrue == b.IsTrue;
            case (TextValue a, TextValue b):
                return a.Span.SequenceEqual(b.Span);
            case (ListValue, ListValue) or (MapValue, MapValue):
                throw call.Error($"values of type {left.GoType} cannot be compared");
            default:
                return CompareNumbers(call, left, right) == 0;
        }
    }

    private static double Compare(Call call)
    {
        return (call[0], call[1]) is (TextValue left, TextValue right)
            ? left.Span.SequenceCompareTo(right.Span)
            : CompareNumbers(call, call[0], call[1]);
    }

    /// <returns>NaN where NaN is compared: then nothing is less, equal or greater.</returns>
    private static double CompareNumbers(Call call, Value left, Value right) => (left, right) switch
    {
        (IntValue a, IntValue b) => a.Number.CompareTo(b.Number),
        (FloatValue a, FloatValue b) => Order(a.Number, b.Number),
        (FloatValue a, IntValue { IsData: true } b) => Order(a.Number, b.Number),
        (IntValue { IsData: true } a, FloatValue b) => Order(a.Number, b.Number),
        _ => throw Incomparable(call, left, right),
    };

    private static double Order(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? double.NaN : a.CompareTo(b);

    private static EvaluationException Incomparable(Call call, Value left, Value right) => call.Error(
        left.GoType == right.GoType
            ? $"values of type {left.GoType} have no order"
            : $"values of type {left.GoType} and {right.GoType} cannot be compared");
}
