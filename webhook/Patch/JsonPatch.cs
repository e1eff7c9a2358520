using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Injection;

namespace SidecarAgent.Webhook.Patch;

/// <summary>
/// Collects what is added to a JSON tree that itself stays as it is. Nothing can be taken away or replaced through it, so
/// that whatever the tree holds survives. Each place may be named once.
/// </summary>
internal sealed class JsonPatch
{
    private readonly List<PatchOperation> _operations = [];

    public IReadOnlyList<PatchOperation> Operations => _operations;

    /// <param name="pointer">Where the object is that gets the member.</param>
    public void Member(string pointer, string name, JsonNode? value) =>
        _operations.Add(new PatchOperation($"{pointer}/{Escaped(name)}", value));

    /// <summary>Adds entries to the end of the list of that name, or makes it of them.</summary>
    public void Append(JsonElement parent, string pointer, string name, params JsonNode?[] entries) =>
        Insert(parent, pointer, name, CountOf(PodTree.Member(parent, name)), entries);

    /// <summary>Puts entries before the one that is at that place of the list, or makes the list of them.</summary>
    public void Insert(JsonElement parent, string pointer, string name, int at, params JsonNode?[] entries)
    {
        if (PodTree.Member(parent, name).ValueKind is not JsonValueKind.Array)
            Member(pointer, name, new JsonArray(entries));
        else
            foreach (var entry in entries)
                _operations.Add(new PatchOperation(string.Create(CultureInfo.InvariantCulture, $"{pointer}/{Escaped(name)}/{at++}"), entry));
    }

    private static int CountOf(JsonElement list) => list.ValueKind is JsonValueKind.Array ? list.GetArrayLength() : 0;

    /// <summary>RFC 6901: within a name <c>~</c> is <c>~0</c> and <c>/</c> is <c>~1</c>.</summary>
    private static string Escaped(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
