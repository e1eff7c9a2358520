using System.Text.Json;

namespace SidecarAgent.Webhook.Injection;

/// <summary>
/// Whether a tree has the shape of a pod where the injection reads it. The API server sends nothing else; what is typed
/// for <c>sidecarctl inject</c>, or sent by somebody else, may be anything.
/// </summary>
internal static class PodShape
{
    private static readonly string[] ContainerLists = ["containers", "initContainers", "ephemeralContainers"];

    /// <summary>What is not as Kubernetes would have it, or null.</summary>
    public static string? Problem(JsonElement root)
    {
        var metadata = PodTree.Member(root, "metadata");
        if (!IsObjectOrAbsent(metadata))
            return "metadata must be an object";
        if (AnnotationsProblem(PodTree.Member(metadata, "annotations")) is { } problem)
            return problem;
        var spec = PodTree.Member(root, "spec");
        if (spec.ValueKind is not JsonValueKind.Object)
            return "the pod has no spec";
        if (PodTree.Member(spec, "containers") is not { ValueKind: JsonValueKind.Array } containers || containers.GetArrayLength() == 0)
            return "spec.containers must be a list with at least one container";
        return ContainerLists.Select(list => ContainersProblem(spec, list)).FirstOrDefault(p => p is not null)
            ?? NamedProblem(spec, "spec", "volumes")
            ?? SecurityProblem(PodTree.Member(spec, "securityContext"));
    }

    private static string? AnnotationsProblem(JsonElement annotations)
    {
        if (PodTree.IsAbsent(annotations))
            return null;
        if (annotations.ValueKind is not JsonValueKind.Object)
            return "metadata.annotations must be an object";
        foreach (var annotation in annotations.EnumerateObject())
        {
            if (annotation.Value.ValueKind is not JsonValueKind.String)
                return $"annotation {Foreign.Plain(annotation.Name)}: the value must be a string; put it in quotes";
        }

        return null;
    }

    private static string? ContainersProblem(JsonElement spec, string list)
    {
        if (NamedProblem(spec, "spec", list) is { } problem)
            return problem;
        foreach (var container in PodTree.Objects(spec, list))
        {
            if (!IsObjectOrAbsent(PodTree.Member(container, "securityContext")))
                return $"{Where(container)}: securityContext must be an object";
            if ((NamedProblem(container, null, "volumeMounts") ?? ObjectsProblem(container, null, "ports")) is { } inside)
                return inside;
        }

        return null;
    }

    private static string? SecurityProblem(JsonElement context)
    {
        if (!IsObjectOrAbsent(context))
            return "spec.securityContext must be an object";
        var groups = PodTree.Member(context, "supplementalGroups");
        var isGood = PodTree.IsAbsent(groups)
            || (groups.ValueKind is JsonValueKind.Array && groups.EnumerateArray().All(group => PodTree.Number(group) is not null));
        return isGood ? null : "spec.securityContext.supplementalGroups must be a list of whole numbers";
    }

    /// <param name="where">What the parent is; null: a container, which is named if there is a problem.</param>
    private static string? NamedProblem(JsonElement parent, string? where, string list)
    {
        if (ObjectsProblem(parent, where, list) is { } problem)
            return problem;
        foreach (var item in PodTree.Objects(parent, list))
        {
            if (PodTree.Text(item, "name") is null or "")
                return $"{where ?? Where(parent)}.{list}: each entry needs a name";
        }

        return null;
    }

    private static string? ObjectsProblem(JsonElement parent, string? where, string list)
    {
        var items = PodTree.Member(parent, list);
        if (PodTree.IsAbsent(items))
            return null;
        if (items.ValueKind is JsonValueKind.Array && items.EnumerateArray().All(item => item.ValueKind is JsonValueKind.Object))
            return null;
        return $"{where ?? Where(parent)}.{list} must be a list of objects";
    }

    private static string Where(JsonElement container) => $"container {Foreign.Quote(PodTree.Name(container))}";

    private static bool IsObjectOrAbsent(JsonElement value) => value.ValueKind is JsonValueKind.Object || PodTree.IsAbsent(value);
}
