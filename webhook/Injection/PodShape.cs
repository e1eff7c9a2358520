using System.Text.Json;
using System.Text.Json.Nodes;

namespace SidecarAgent.Webhook.Injection;

/// <summary>
/// Whether a tree has the shape of a pod where the injection reads it. The API server sends nothing else; what is typed
/// for <c>sidecarctl inject</c>, or sent by somebody else, may be anything.
/// </summary>
internal static class PodShape
{
    private static readonly string[] ContainerLists = ["containers", "initContainers", "ephemeralContainers"];

    /// <summary>What is not as Kubernetes would have it, or null.</summary>
    public static string? Problem(JsonObject root)
    {
        if (root["metadata"] is not (null or JsonObject))
            return "metadata must be an object";
        if (root["metadata"]?["annotations"] is { } annotations && AnnotationsProblem(annotations) is { } problem)
            return problem;
        if (root["spec"] is not JsonObject spec)
            return "the pod has no spec";
        if (spec["containers"] is not JsonArray { Count: > 0 })
            return "spec.containers must be a list with at least one container";
        return ContainerLists.Select(list => ContainersProblem(spec, list)).FirstOrDefault(p => p is not null)
            ?? NamedProblem(spec, "spec", "volumes")
            ?? SecurityProblem(spec);
    }

    private static string? AnnotationsProblem(JsonNode annotations)
    {
        if (annotations is not JsonObject map)
            return "metadata.annotations must be an object";
        var wrong = map.FirstOrDefault(a => a.Value?.GetValueKind() != JsonValueKind.String);
        return wrong.Key is null
            ? null
            : $"annotation {Foreign.Plain(wrong.Key)}: the value must be a string; put it in quotes";
    }

    private static string? ContainersProblem(JsonObject spec, string list)
    {
        if (NamedProblem(spec, "spec", list) is { } problem)
            return problem;
        foreach (var container in PodTree.Objects(spec, list))
        {
            var where = $"container {Foreign.Quote(PodTree.Name(container))}";
            if (container["securityContext"] is not (null or JsonObject))
                return $"{where}: securityContext must be an object";
            if ((NamedProblem(container, where, "volumeMounts") ?? ObjectsProblem(container, where, "ports")) is { } inside)
                return inside;
        }

        return null;
    }

    private static string? SecurityProblem(JsonObject spec)
    {
        if (spec["securityContext"] is not (null or JsonObject))
            return "spec.securityContext must be an object";
        return spec["securityContext"]?["supplementalGroups"] switch
        {
            null => null,
            JsonArray groups when groups.All(group => PodTree.Number(group) is not null) => null,
            _ => "spec.securityContext.supplementalGroups must be a list of whole numbers",
        };
    }

    private static string? NamedProblem(JsonObject parent, string where, string list) =>
        ObjectsProblem(parent, where, list)
        ?? (PodTree.Objects(parent, list).Any(item => PodTree.Text(item, "name") is null or "")
            ? $"{where}.{list}: each entry needs a name"
            : null);

    private static string? ObjectsProblem(JsonObject parent, string where, string list) => parent[list] switch
    {
        null => null,
        JsonArray array when array.All(item => item is JsonObject) => null,
        _ => $"{where}.{list} must be a list of objects",
    };
}
