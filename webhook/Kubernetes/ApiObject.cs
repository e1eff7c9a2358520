using System.Text.Json;
using System.Text.Json.Nodes;

namespace SidecarAgent.Webhook.Kubernetes;

/// <summary>Reads members of an object that an API server sent. What is not of the kind that is asked for is not there.</summary>
internal static class ApiObject
{
    public static string? Text(JsonObject parent, string name) =>
        parent[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    public static string Name(JsonObject named) => Text(named, "name") ?? "";

    public static IReadOnlyList<JsonObject> Objects(JsonObject parent, string name) =>
        parent[name] is JsonArray array ? [.. array.OfType<JsonObject>()] : [];

    /// <summary>A whole number, whether it was parsed or made in memory; otherwise null.</summary>
    public static long? Number(JsonNode? node) =>
        node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number ? null
        : value.TryGetValue<long>(out var number) ? number
        : value.TryGetValue<int>(out var small) ? small
        : null;

    public static bool? Flag(JsonObject parent, string name) =>
        parent[name]?.GetValueKind() switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };
}
