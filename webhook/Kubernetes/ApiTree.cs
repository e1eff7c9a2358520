using System.Text.Json;
using System.Text.Json.Nodes;

namespace SidecarAgent.Webhook.Kubernetes;

/// <summary>Reads fields of what the API server sent; a field of another kind than is asked for counts as absent.</summary>
internal static class ApiTree
{
    public static string? Text(JsonObject parent, string name) =>
        parent[name] is JsonValue value && value.GetValueKind() is JsonValueKind.String ? value.GetValue<string>() : null;

    public static bool IsTrue(JsonObject parent, string name) => parent[name]?.GetValueKind() is JsonValueKind.True;

    /// <summary>A whole number.</summary>
    public static long? Number(JsonObject parent, string name) =>
        parent[name] is JsonValue value && value.GetValueKind() is JsonValueKind.Number && value.TryGetValue<long>(out var number) ? number : null;

    /// <summary>The objects of a list; none if there is no such list.</summary>
    public static IEnumerable<JsonObject> Objects(JsonObject parent, string name) => (parent[name] as JsonArray ?? []).OfType<JsonObject>();
}
