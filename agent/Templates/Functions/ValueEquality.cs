using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Deep equality, as Go's reflect.DeepEqual sees values of the kinds that templates have.</summary>
internal static class ValueEquality
{
    /// <exception cref="EvaluationException">Values are nested too deep, or so many that the budget ends.</exception>
    public static bool AreEqual(Value left, Value right, Budget budget) => AreEqual(left, right, budget, 0);

    public static bool Contains(IReadOnlyList<Value> items, Value wanted, Budget budget) =>
        items.Any(item => AreEqual(item, wanted, budget));

    private static bool AreEqual(Value left, Value right, Budget budget, int depth)
    {
        budget.Spend(left);
        if (depth > TemplateLimits.ValueDepth)
            throw new EvaluationException($"lists and maps are nested deeper than {TemplateLimits.ValueDepth}");
        return (left, right) switch
        {
            (NilValue, NilValue) => true,
            (BoolValue a, BoolValue b) => a.IsTrue == b.IsTrue,
            (IntValue a, IntValue b) => a.Number == b.Number,
            (FloatValue a, FloatValue b) => a.Number.Equals(b.Number),
            (FloatValue a, IntValue { IsData: true } b) => a.Number.Equals(b.Number),
            (IntValue { IsData: true } a, FloatValue b) => b.Number.Equals(a.Number),
            (TimeValue a, TimeValue b) => a.Utc == b.Utc,
            (TextValue a, TextValue b) => a.Span.SequenceEqual(b.Span),
            (ListValue a, ListValue b) => a.Items.Count == b.Items.Count
                && a.Items.Zip(b.Items).All(pair => AreEqual(pair.First, pair.Second, budget, depth + 1)),
            (MapValue a, MapValue b) => a.Count == b.Count
                && a.Keys.All(key => b.TryGet(key, out var other) && AreEqual(a[key], other, budget, depth + 1)),
            _ => false,
        };
    }
}
