using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Sprig's dicts. set, unset and merge change the map they are given, which cannot be a secret.</summary>
internal static class SprigMapFunctions
{
    public static readonly Function[] All =
    [
        new("dict", 0, Function.Unlimited, Dict),
        new("get", 2, 2, call => call.Map(0).TryGet(call.String(1), out var value) ? value : TextValue.Empty),
        new("set", 3, 3, Set),
        new("unset", 2, 2, Unset),
        new("hasKey", 2, 2, call => BoolValue.Of(call.Map(0).TryGet(call.String(1), out _))),
        new("keys", 1, Function.Unlimited, call => call.NewList(OfAll(call, map => map.Keys.Select(TextValue.Of)))),
        new("values", 1, 1, call => call.NewList(OfAll(call, map => map.Keys.Select(key => map[key])))),
        new("pluck", 1, Function.Unlimited, Pluck),
        new("pick", 1, Function.Unlimited, call => Filter(call, wanted: true)),
        new("omit", 1, Function.Unlimited, call => Filter(call, wanted: false)),
        new("merge", 1, Function.Unlimited, call => Merge(call, overwrite: false)),
        new("mergeOverwrite", 1, Function.Unlimited, call => Merge(call, overwrite: true)),
        new("mustMerge", 1, Function.Unlimited, call => Merge(call, overwrite: false)),
        new("mustMergeOverwrite", 1, Function.Unlimited, call => Merge(call, overwrite: true)),
        new("mergeMap", 2, 2, call => MergeInto(call, Changeable(call, 1), call.Map(0), overwrite: false, 0)),
        new("mergeMapWithOverride", 2, 2, call => MergeInto(call, Changeable(call, 1), call.Map(0), overwrite: true, 0)),
        new("explodeMap", 1, 1, Explode),
        new("dig", 3, Function.Unlimited, Dig),
        new("deepCopy", 1, 1, call => Copy(call, call[0], 0)),
        new("mustDeepCopy", 1, 1, call => Copy(call, call[0], 0)),
    ];

    private static DictValue Dict(Call call)
    {
        var map = new DictValue();
        for (var i = 0; i < call.Count; i += 2)
            map.Set(call.AnyString(i), i + 1 < call.Count ? call[i + 1] : TextValue.Empty);
        return map;
    }

    private static DictValue Set(Call call)
    {
        var map = Changeable(call, 0);
        map.Set(call.String(1), call[2]);
        if (map.Count > TemplateLimits.ListItems)
            throw call.Error($"the map grows beyond {TemplateLimits.ListItems} entries");
        return map;
    }

    private static DictValue Unset(Call call)
    {
        var map = Changeable(call, 0);
        map.Remove(call.String(1));
        return map;
    }

    private static DictValue Changeable(Call call, int index) =>
        call.Map(index) as DictValue ?? throw call.Error("a secret cannot be changed; make a copy with deepCopy");

    private static List<Value> OfAll(Call call, Func<MapValue, IEnumerable<Value>> select)
    {
        var items = new List<Value>();
        for (var i = 0; i < call.Count; i++)
            items.AddRange(select(call.Map(i)));
        return items;
    }

    private static ListValue Pluck(Call call)
    {
        var items = new List<Value>();
        for (var i = 1; i < call.Count; i++)
        {
            if (call.Map(i).TryGet(call.String(0), out var value))
                items.Add(value);
        }

        return call.NewList(items);
    }

    private static DictValue Filter(Call call, bool wanted)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 1; i < call.Count; i++)
            names.Add(call.String(i));

        var result = new DictValue();
        foreach (var key in call.Map(0).Keys.Where(key => names.Contains(key) == wanted))
            result.Set(key, call.Map(0)[key]);
        return result;
    }

    private static DictValue Merge(Call call, bool overwrite)
    {
        var target = Changeable(call, 0);
        for (var i = 1; i < call.Count; i++)
            MergeInto(call, target, call.Map(i), overwrite, 0);
        return target;
    }

    /// <summary>Maps are merged, all else is taken over: where there is nothing yet, or where it is to be overwritten.</summary>
    private static DictValue MergeInto(Call call, DictValue target, MapValue source, bool overwrite, int depth)
    {
        CheckDepth(depth);
        foreach (var key in source.Keys)
        {
            call.Context.Budget.Spend();
            var value = source[key];
            if (target[key] is DictValue inner && value is MapValue innerSource)
                MergeInto(call, inner, innerSource, overwrite, depth + 1);
            else if (!target[key].IsTrue || (overwrite && value.IsTrue))
                target.Set(key, Copy(call, value, depth + 1));
        }

        return target;
    }

    /// <summary>dig "a" "b" default map: the value at .a.b, or the default.</summary>
    private static Value Dig(Call call)
    {
        Value value = call.Map(call.Count - 1);
        for (var i = 0; i < call.Count - 2; i++)
        {
            if (value is not MapValue map || !map.TryGet(call.String(i), out var next))
                return call[call.Count - 2];
            value = next;
        }

        return value;
    }

    /// <summary>A key such as a/b becomes b in a map a.</summary>
    private static DictValue Explode(Call call)
    {
        var result = new DictValue();
        foreach (var key in call.Map(0).Keys)
        {
            var parts = key.Split('/');
            CheckDepth(parts.Length);
            var map = result;
            foreach (var part in parts[..^1])
            {
                call.Context.Budget.Spend();
                if (!map.TryGet(part, out var inner))
                    map.Set(part, inner = new DictValue());
                map = inner as DictValue ?? throw call.Error("a key is the beginning of another, and has a value of its own");
            }

            if (parts[^1].Length > 0)
                map.Set(parts[^1], call.Map(0)[key]);
        }

        return result;
    }

    private static Value Copy(Call call, Value value, int depth)
    {
        CheckDepth(depth);
        call.Context.Budget.Spend();
        switch (value)
        {
            case ListValue list:
                var items = new List<Value>();
                foreach (var item in list.Items)
                    items.Add(Copy(call, item, depth + 1));
                return call.NewList(items);
            case MapValue map:
                var copy = new DictValue();
                foreach (var key in map.Keys)
                    copy.Set(key, Copy(call, map[key], depth + 1));
                return copy;
            default:
                return value;
        }
    }

    private static void CheckDepth(int depth)
    {
        if (depth > TemplateLimits.ValueDepth)
            throw new EvaluationException($"lists and maps are nested deeper than {TemplateLimits.ValueDepth}");
    }
}
