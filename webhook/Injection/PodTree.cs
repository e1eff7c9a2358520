using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SidecarAgent.Webhook.Injection;

/// <summary>
/// A pod, or the template of one, as its JSON tree. Fields that nobody here knows stay in it. What is read through this
/// type has the shape that Kubernetes gives it; that is checked once, by <see cref="TryRead"/>.
/// </summary>
internal sealed class PodTree
{
    private PodTree(JsonObject root)
    {
        Root = root;
        Containers = Objects(Spec, "containers");
        InitContainers = Objects(Spec, "initContainers");
        EphemeralContainers = Objects(Spec, "ephemeralContainers");
        Volumes = Objects(Spec, "volumes");
        Annotations = (root["metadata"]?["annotations"] as JsonObject ?? [])
            .ToDictionary(a => a.Key, a => a.Value!.GetValue<string>(), StringComparer.Ordinal);
    }

    public JsonObject Root { get; }

    public JsonObject Spec => (JsonObject)Root["spec"]!;

    /// <summary>As they were when the pod was read; so are the lists below.</summary>
    public IReadOnlyList<JsonObject> Containers { get; }

    public IReadOnlyList<JsonObject> InitContainers { get; }

    public IReadOnlyList<JsonObject> EphemeralContainers { get; }

    public IReadOnlyList<JsonObject> Volumes { get; }

    public IReadOnlyDictionary<string, string> Annotations { get; }

    /// <param name="root">A pod, or anything with its <c>metadata</c> and <c>spec</c>.</param>
    /// <param name="pod">The pod, if it has the shape of one.</param>
    /// <param name="problem">Otherwise what is not as Kubernetes would have it.</param>
    public static bool TryRead(
        JsonObject root, [NotNullWhen(true)] out PodTree? pod, [NotNullWhen(false)] out string? problem)
    {
        pod = null;
        problem = PodShape.Problem(root);
        if (problem is not null)
            return false;
        pod = new PodTree(root);
        return true;
    }

    /// <summary>The objects of a list; none if there is no such list.</summary>
    public static IReadOnlyList<JsonObject> Objects(JsonObject parent, string name) =>
        parent[name] is JsonArray array ? [.. array.Select(item => (JsonObject)item!)] : [];

    public static string Name(JsonObject named) => Text(named, "name") ?? "";

    public static string? Text(JsonObject parent, string name) =>
        parent[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    public static bool? Flag(JsonObject parent, string name) =>
        parent[name]?.GetValueKind() switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };

    /// <summary>A whole number, whether it was parsed or made in memory; otherwise null.</summary>
    public static long? Number(JsonNode? node) =>
        node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number ? null
        : value.TryGetValue<long>(out var number) ? number
        : value.TryGetValue<int>(out var small) ? small
        : null;
}
