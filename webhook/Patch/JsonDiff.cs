using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace SidecarAgent.Webhook.Patch;

/// <summary>
/// Finds the operations that turn one JSON tree into another. Right for any two trees; small for trees that differ as
/// injected pods do: members added, entries put before or after others in a list.
/// </summary>
internal sealed class JsonDiff
{
    private readonly List<PatchOperation> _operations = [];
    private readonly string[] _same;

    /// <summary>Names and places from the root to where the comparison is now.</summary>
    private readonly List<string> _at = [];

    private JsonDiff(string[] same) => _same = same;

    /// <param name="from">The tree to begin with.</param>
    /// <param name="to">The tree to end with.</param>
    /// <param name="same">Names of members that lead to a part known to be the same in both, so that it need not be looked at.</param>
    public static IReadOnlyList<PatchOperation> Between(JsonNode? from, JsonNode? to, params string[] same)
    {
        var diff = new JsonDiff(same);
        diff.Compare(from, to);
        return diff._operations;
    }

    private void Compare(JsonNode? from, JsonNode? to)
    {
        switch (from, to)
        {
            case (JsonObject before, JsonObject after):
                CompareObjects(before, after);
                break;
            case (JsonArray before, JsonArray after):
                CompareArrays(before, after);
                break;
            default:
                if (!JsonNode.DeepEquals(from, to))
                    _operations.Add(new PatchOperation("replace", Pointer(), to));
                break;
        }
    }

    private void CompareObjects(JsonObject before, JsonObject after)
    {
        foreach (var (name, value) in before)
        {
            _at.Add(name);
            if (!after.TryGetPropertyValue(name, out var changed))
                _operations.Add(new PatchOperation("remove", Pointer(), null));
            else if (!IsSame())
                Compare(value, changed);
            _at.RemoveAt(_at.Count - 1);
        }

        foreach (var (name, value) in after)
        {
            if (before.ContainsKey(name))
                continue;
            _at.Add(name);
            _operations.Add(new PatchOperation("add", Pointer(), value));
            _at.RemoveAt(_at.Count - 1);
        }
    }

    /// <summary>
    /// Entries that both lists begin and end with are paired; what lies between is replaced one by one, and the rest of the
    /// longer list removed or added.
    /// </summary>
    private void CompareArrays(JsonArray before, JsonArray after)
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
            At(i, before[i], after[i]);
        for (var i = removed - 1; i >= replaced; i--)
            _operations.Add(new PatchOperation("remove", Pointer(head + i), null));
        for (var i = replaced; i < added; i++)
            _operations.Add(new PatchOperation("add", Pointer(head + i), after[head + i]));
        for (var i = tail; i > 0; i--)
            At(after.Count - i, before[^i], after[^i]);
    }

    private void At(int index, JsonNode? from, JsonNode? to)
    {
        _at.Add(Text(index));
        Compare(from, to);
        _at.RemoveAt(_at.Count - 1);
    }

    private bool IsSame() => _same.Length == _at.Count && _at.SequenceEqual(_same);

    private string Pointer(int index)
    {
        _at.Add(Text(index));
        var pointer = Pointer();
        _at.RemoveAt(_at.Count - 1);
        return pointer;
    }

    /// <summary>RFC 6901: a slash before each name, in which <c>~</c> is <c>~0</c> and <c>/</c> is <c>~1</c>.</summary>
    private string Pointer()
    {
        var pointer = new StringBuilder();
        foreach (var name in _at)
            pointer.Append('/').Append(name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
        return pointer.ToString();
    }

    private static string Text(int index) => index.ToString(CultureInfo.InvariantCulture);

    /// <summary>Kubernetes names the entries of its lists; entries without a name are paired when they are equal.</summary>
    private static bool ArePaired(JsonNode? before, JsonNode? after) =>
        NameOf(before) is { } name ? NameOf(after) == name : JsonNode.DeepEquals(before, after);

    private static string? NameOf(JsonNode? node) =>
        node is JsonObject named && named["name"] is JsonValue value && value.TryGetValue<string>(out var name) ? name : null;
}
