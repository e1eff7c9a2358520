using System.Text.Json.Nodes;

namespace SidecarAgent.Webhook.Patch;

/// <summary>
/// Finds the operations of RFC 6902 (add, remove, replace) that turn one JSON tree into another. Right for any two trees;
/// small for trees that differ as injected pods do: members added, entries put before or after others in a list.
/// </summary>
internal static class JsonDiff
{
    public static JsonArray Between(JsonNode? from, JsonNode? to)
    {
        var operations = new JsonArray();
        Compare(operations, JsonPointer.Root, from, to);
        return operations;
    }

    private static void Compare(JsonArray operations, JsonPointer at, JsonNode? from, JsonNode? to)
    {
        switch (from, to)
        {
            case (JsonObject before, JsonObject after):
                CompareObjects(operations, at, before, after);
                break;
            case (JsonArray before, JsonArray after):
                CompareArrays(operations, at, before, after);
                break;
            default:
                if (!JsonNode.DeepEquals(from, to))
                    operations.Add((JsonNode)Operation("replace", at, to));
                break;
        }
    }

    private static void CompareObjects(JsonArray operations, JsonPointer at, JsonObject before, JsonObject after)
    {
        foreach (var (name, value) in before)
        {
            if (after.TryGetPropertyValue(name, out var changed))
                Compare(operations, at.Member(name), value, changed);
            else
                operations.Add((JsonNode)Removal(at.Member(name)));
        }

        foreach (var (name, value) in after.Where(member => !before.ContainsKey(member.Key)))
            operations.Add((JsonNode)Operation("add", at.Member(name), value));
    }

    /// <summary>
    /// Entries that both lists begin and end with are paired; what lies between is replaced one by one, and the rest of the
    /// longer list removed or added.
    /// </summary>
    private static void CompareArrays(JsonArray operations, JsonPointer at, JsonArray before, JsonArray after)
    {
        var shorter = Math.Min(before.Count, after.Count);
        var head = 0;
        while (head < shorter && ArePaired(before[head], after[head]))
            head++;
        var tail = 0;
        while (tail < shorter - head && ArePaired(before[^(tail + 1)], after[^(tail + 1)]))
            tail++;

        var removed = before.Count - head - tail;
        var added = after.Count - head - tail;
        var replaced = Math.Min(removed, added);

        // Places count as the list is when an operation is applied: first what keeps them, then removals from the end on.
        for (var i = 0; i < head + replaced; i++)
            Compare(operations, at.Item(i), before[i], after[i]);
        for (var i = removed - 1; i >= replaced; i--)
            operations.Add((JsonNode)Removal(at.Item(head + i)));
        for (var i = replaced; i < added; i++)
            operations.Add((JsonNode)Operation("add", at.Item(head + i), after[head + i]));
        for (var i = tail; i > 0; i--)
            Compare(operations, at.Item(after.Count - i), before[^i], after[^i]);
    }

    /// <summary>Kubernetes names the entries of its lists; entries without a name are paired when they are equal.</summary>
    private static bool ArePaired(JsonNode? before, JsonNode? after) =>
        NameOf(before) is { } name ? NameOf(after) == name : JsonNode.DeepEquals(before, after);

    private static string? NameOf(JsonNode? node) =>
        node is JsonObject named && named["name"] is JsonValue value && value.TryGetValue<string>(out var name) ? name : null;

    private static JsonObject Operation(string name, JsonPointer at, JsonNode? value) => new()
    {
        ["op"] = name,
        ["path"] = at.Text,
        ["value"] = value?.DeepClone(),
    };

    private static JsonObject Removal(JsonPointer at) => new() { ["op"] = "remove", ["path"] = at.Text };
}
