using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Go's index, slice and len. Strings count in bytes.</summary>
internal static class CollectionFunctions
{
    public static readonly Function[] All =
    [
        new("len", 1, 1, Length),
        new("index", 1, Function.Unlimited, Index),
        new("slice", 1, 4, Slice),
    ];

    private static IntValue Length(Call call) => new(call[0] switch
    {
        TextValue text => text.Bytes.Length,
        ListValue list => list.Items.Count,
        MapValue map => map.Count,
        var other => throw call.Error($"a value of type {other.GoType} has no length"),
    });

    private static Value Index(Call call)
    {
        var value = call[0];
        if (value.IsNil)
            throw call.Error("there is no value to index");
        for (var i = 1; i < call.Count; i++)
        {
            value = value switch
            {
                ListValue list => list.Items[Position(call, i, list.Items.Count - 1)],
                TextValue text => new IntValue(text.Span[Position(call, i, text.Bytes.Length - 1)]),
                MapValue map => map[Key(call, i)],
                _ => throw call.Error($"a value of type {value.GoType} cannot be indexed"),
            };
        }

        return value;
    }

    private static Value Slice(Call call)
    {
        var count = call[0] switch
        {
            TextValue when call.Count == 4 => throw call.Error("a string is sliced with two positions at most"),
            TextValue text => text.Bytes.Length,
            ListValue list => list.Items.Count,
            var other => throw call.Error($"a value of type {other.GoType} cannot be sliced"),
        };
        var start = call.Count > 1 ? Position(call, 1, count) : 0;
        var end = call.Count > 2 ? Position(call, 2, count) : count;
        var capacity = call.Count > 3 ? Position(call, 3, count) : count;
        if (start > end || end > capacity)
            throw call.Error("the positions must grow");
        return call[0] is TextValue whole
            ? new TextValue(whole.Bytes[start..end])
            : call.NewList([.. call.List(0).Skip(start).Take(end - start)]);
    }

    private static int Position(Call call, int argument, int max) => call[argument] switch
    {
        IntValue { Number: var number } when number >= 0 && number <= max => (int)number,
        IntValue => throw call.Error("the position is out of range"),
        var other => throw call.Error($"a position must be int, not {other.GoType}"),
    };

    private static string Key(Call call, int argument) =>
        call[argument] is TextValue key ? key.Decode() : throw call.Error($"a key must be string, not {call[argument].GoType}");
}
