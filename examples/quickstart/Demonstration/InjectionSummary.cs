using System.Text.Json.Nodes;

namespace SidecarAgent.Quickstart.Demonstration;

/// <summary>Says in a few lines what a webhook has made of a pod.</summary>
internal static class InjectionSummary
{
    public static IEnumerable<string> Of(JsonObject before, JsonObject after)
    {
        foreach (var volume in Added(before, after, "volumes"))
            yield return $"volume {Name(volume)}: {Describe(volume)}";
        foreach (var container in Added(before, after, "initContainers"))
            yield return $"init container {Name(container)}: {DescribeContainer(container)}";
        foreach (var container in Added(before, after, "containers"))
            yield return $"container {Name(container)}: {DescribeContainer(container)}";
        foreach (var line in AddedMounts(before, after))
            yield return line;
        if (after["spec"]!["securityContext"]?["supplementalGroups"] is JsonArray groups)
            yield return $"the pod's supplementalGroups: {groups.ToJsonString()}";
    }

    private static string Describe(JsonNode volume)
    {
        if (volume["emptyDir"] is { } directory)
            return $"{((string?)directory["medium"] == "Memory" ? "in memory" : "on disk")}, at most {directory["sizeLimit"] ?? "unlimited"}";
        if (volume["projected"]?["sources"]?[0]?["serviceAccountToken"] is { } token)
            return $"workload token for the audience {token["audience"]}, good for {token["expirationSeconds"]} s";
        return volume.ToJsonString();
    }

    private static string DescribeContainer(JsonNode container)
    {
        var kind = (string?)container["restartPolicy"] == "Always" ? "native sidecar" : "runs once";
        var wait = container["lifecycle"]?["postStart"]?["exec"]?["command"] is JsonArray command
            ? $"; started when '{string.Join(' ', command.Select(word => (string?)word))}' succeeds"
            : "";
        return $"{kind}, image {container["image"]}{wait}";
    }

    private static IEnumerable<string> AddedMounts(JsonObject before, JsonObject after) =>
        from container in List(before, "containers")
        let now = List(after, "containers").Single(other => Name(other) == Name(container))
        from mount in Mounts(now)
        where !Mounts(container).Any(old => JsonNode.DeepEquals(old, mount))
        let access = (bool?)mount["readOnly"] == true ? "read-only" : "writable"
        select $"container {Name(container)}: {mount["mountPath"]} mounted {access}";

    private static IEnumerable<JsonNode> Added(JsonObject before, JsonObject after, string list) =>
        List(after, list).Where(item => List(before, list).All(old => Name(old) != Name(item)));

    private static IEnumerable<JsonNode> List(JsonObject pod, string list) => pod["spec"]![list]?.AsArray().Select(item => item!) ?? [];

    private static IEnumerable<JsonNode> Mounts(JsonNode container) =>
        container["volumeMounts"]?.AsArray().Select(item => item!) ?? [];

    private static string? Name(JsonNode item) => (string?)item["name"];
}
