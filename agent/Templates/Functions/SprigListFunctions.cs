using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Sprig's lists; none changes a list, each makes a new one. "must" changes nothing, as errors are errors here.</summary>
internal static class SprigListFunctions
{
    private static readonly Function[] Plain =
    [
        new("first", 1, 1, call => call.List(0) is [var first, ..] ? first : NilValue.Null),
        new("last", 1, 1, call => call.List(0) is [.., var last] ? last : NilValue.Null),
        new("rest", 1, 1, call => call.NewList([.. call.List(0).Skip(1)])),
        new("initial", 1, 1, call => call.NewList([.. call.List(0).SkipLast(1)])),
        new("append", 2, 2, call => call.NewList([.. call.List(0), call[1]])),
        new("push", 2, 2, call => call.NewList([.. call.List(0), call[1]])),
        new("prepend", 2, 2, call => call.NewList([call[1], .. call.List(0)])),
        new("reverse", 1, 1, call => call.NewList([.. call.List(0).Reverse()])),
        new("uniq", 1, 1, call => call.NewList(Unique(call))),
        new("without", 1, Function.Unlimited, call => call.NewList(Without(call))),
        new("has", 2, 2, call => BoolValue.Of(!call[1].IsNil && ValueEquality.Contains(call.List(1), call[0], call.Context.Budget))),
        new("compact", 1, 1, call => call.NewList([.. call.List(0).Where(item => item.IsTrue)])),
        new("chunk", 2, 2, Chunk),
        new("slice", 1, 3, Slice),
    ];

    public static readonly IReadOnlyList<Function> All =
    [
        .. Plain,
        .. Plain.Select(function => function with { Name = $"must{char.ToUpperInvariant(function.Name[0])}{function.Name[1..]}" }),
        new("list", 0, Function.Unlimited, call => call.NewList(call.Arguments.ToArray())),
        new("tuple", 0, Function.Unlimited, call => call.NewList(call.Arguments.ToArray())),
        new("concat", 0, Function.Unlimited, Concatenate),
    ];

    private static ListValue Concatenate(Call call)
    {
        var items = new List<Value>();
        for (var i = 0; i < call.Count; i++)
            items.AddRange(call.List(i));
        return call.NewList(items);
    }

    private static List<Value> Unique(Call call)
    {
        var items = new List<Value>();
        foreach (var item in call.List(0))
        {
            if (!ValueEquality.Contains(items, item, call.Context.Budget))
                items.Add(item);
        }

        return items;
    }

    private static List<Value> Without(Call call)
    {
        var items = new List<Value>();
        var unwanted = call.Arguments[1..].ToArray();
        foreach (var item in call.List(0))
        {
            if (!ValueEquality.Contains(unwanted, item, call.Context.Budget))
                items.Add(item);
        }

        return items;
    }

    private static ListValue Chunk(Call call) =>
        call.NewList([.. call.List(1).Chunk(call.Int(0, 1, TemplateLimits.ListItems)).Select(items => new ListValue(items))]);

    /// <summary>From here to there; without the second the rest. Of nothing, nil.</summary>
    private static Value Slice(Call call)
    {
        var items = call.List(0);
        if (items.Count == 0)
            return NilValue.Null;
        var start = call.Count > 1 ? call.Int(1, 0, items.Count) : 0;
        var end = call.Count > 2 ? call.Int(2, start, items.Count) : items.Count;
        return call.NewList([.. items.Skip(start).Take(end - start)]);
    }
}
