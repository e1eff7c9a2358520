using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace SidecarAgent.Webhook.Injection;

/// <summary>
/// A pod, or the template of one, as the JSON that it came as; nothing is changed in it. What is read through this type
/// has the shape that Kubernetes gives it; that is checked once, by <see cref="TryRead"/>.
/// </summary>
internal sealed class PodTree
{
    private PodTree(JsonElement root)
    {
        Root = root;
        Spec = Member(root, "spec");
        Containers = ContainersOf("containers");
        InitContainers = ContainersOf("initContainers");
        EphemeralContainers = ContainersOf("ephemeralContainers");
        Volumes = Objects(Spec, "volumes");
        Annotations = Texts(Member(Member(root, "metadata"), "annotations"));
    }

    public JsonElement Root { get; }

    public JsonElement Spec { get; }

    public IReadOnlyList<PodContainer> Containers { get; }

    public IReadOnlyList<PodContainer> InitContainers { get; }

    public IReadOnlyList<PodContainer> EphemeralContainers { get; }

    public IReadOnlyList<JsonElement> Volumes { get; }

    public IReadOnlyDictionary<string, string> Annotations { get; }

    /// <param name="root">A pod, or anything with its <c>metadata</c> and <c>spec</c>.</param>
    /// <param name="pod">The pod, if it has the shape of one.</param>
    /// <param name="problem">Otherwise what is not as Kubernetes would have it.</param>
    public static bool TryRead(
        JsonElement root, [NotNullWhen(true)] out PodTree? pod, [NotNullWhen(false)] out string? problem)
    {
        problem = PodShape.Problem(root);
        pod = problem is null ? new PodTree(root) : null;
        return pod is not null;
    }

    /// <summary>What the parent has under that name; nothing, of kind Undefined, if it has no such member or is no object.</summary>
    public static JsonElement Member(JsonElement parent, string name) =>
        parent.ValueKind is JsonValueKind.Object && parent.TryGetProperty(name, out var member) ? member : default;

    /// <summary>Whether there is neither a value nor anything but null.</summary>
    public static bool IsAbsent(JsonElement value) => value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>The entries of a list that are objects; none if there is no such list.</summary>
    public static IReadOnlyList<JsonElement> Objects(JsonElement parent, string name)
    {
        var list = Member(parent, name);
        if (list.ValueKind is not JsonValueKind.Array)
            return [];
        var objects = new List<JsonElement>(list.GetArrayLength());
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind is JsonValueKind.Object)
                objects.Add(item);
        }

        return objects;
    }

    public static string Name(JsonElement named) => Text(named, "name") ?? "";

    public static string? Text(JsonElement parent, string name) => Text(Member(parent, name));

    /// <summary>The string; null if it is something else.</summary>
    public static string? Text(JsonElement value) => value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    public static bool? Flag(JsonElement parent, string name) =>
        Member(parent, name).ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };

    /// <summary>A whole number; otherwise null.</summary>
    public static long? Number(JsonElement value) =>
        value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    private static Dictionary<string, string> Texts(JsonElement map) => map.ValueKind is JsonValueKind.Object
        ? map.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetString()!, StringComparer.Ordinal)
        : [];

    private List<PodContainer> ContainersOf(string list) =>
        [.. Objects(Spec, list).Select((fields, i) => new PodContainer(string.Create(CultureInfo.InvariantCulture, $"/spec/{list}/{i}"), fields))];
}
