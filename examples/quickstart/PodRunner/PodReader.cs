using System.Text.Json.Nodes;

namespace SidecarAgent.Quickstart.PodRunner;

/// <summary>
/// Reads a Pod as the API server would store it. Fields without a meaning on one machine (resources, affinity, probes,
/// security contexts) are passed over; what would change the course of things and is not supported is refused.
/// </summary>
internal static class PodReader
{
    /// <param name="pod">The Pod object.</param>
    /// <param name="node">The node that the scheduler would choose.</param>
    /// <param name="newUid">The uid that the API server would give, if the object has none.</param>
    /// <exception cref="InvalidPodException"/>
    public static PodDefinition Read(JsonNode pod, string node, Guid newUid)
    {
        var metadata = new PodField(pod, "").Map("metadata");
        var spec = new PodField(pod, "").Map("spec");
        var uid = metadata.OptionalText("uid") ?? newUid.ToString();
        var identity = new PodIdentity(
            metadata.OptionalText("namespace") ?? "default",
            metadata.OptionalText("name") ?? metadata.Text("generateName") + uid[..5],
            uid,
            spec.OptionalText("serviceAccountName") ?? "default",
            spec.OptionalText("nodeName") ?? node,
            metadata.TextMap("labels"),
            metadata.TextMap("annotations"));
        return new PodDefinition(
            identity,
            ReadRestartPolicy(spec),
            [.. spec.List("volumes").Select(ReadVolume)],
            [.. spec.List("initContainers").Select(container => ReadContainer(container, identity))],
            [.. spec.List("containers").Select(container => ReadContainer(container, identity))]);
    }

    private static RestartPolicy ReadRestartPolicy(PodField spec)
    {
        var text = spec.OptionalText("restartPolicy") ?? nameof(RestartPolicy.Always);
        return Enum.TryParse<RestartPolicy>(text, out var policy)
            ? policy
            : throw spec.Problem("restartPolicy", $"'{text}' is not Always, OnFailure or Never");
    }

    private static ContainerDefinition ReadContainer(PodField container, PodIdentity pod)
    {
        var lifecycle = container.OptionalMap("lifecycle");
        if (lifecycle?.OptionalMap("preStop") is not null)
            throw lifecycle.Problem("preStop", "the pod runner does not run it");
        if (container.List("envFrom").Count > 0)
            throw container.Problem("envFrom", "the pod runner has no ConfigMaps and no Secrets");
        var postStart = lifecycle?.OptionalMap("postStart");
        return new ContainerDefinition(
            container.Text("name"),
            container.Text("image"),
            container.Texts("command"),
            container.Texts("args"),
            [.. container.List("env").Select(variable => ReadVariable(variable, pod))],
            [.. container.List("volumeMounts").Select(ReadMount)],
            container.OptionalText("restartPolicy") == nameof(RestartPolicy.Always),
            postStart is null ? [] : postStart.Map("exec").Texts("command"));
    }

    private static EnvironmentVariable ReadVariable(PodField variable, PodIdentity pod)
    {
        var name = variable.Text("name");
        if (variable.OptionalMap("valueFrom") is not { } source)
            return new EnvironmentVariable(name, variable.OptionalText("value") ?? "");
        if (source.OptionalMap("fieldRef") is not { } reference)
            throw variable.Problem("valueFrom", "the pod runner knows only fieldRef");
        var path = reference.Text("fieldPath");
        var value = DownwardApi.Find(pod, path) ?? throw reference.Problem("fieldPath", $"'{path}' is not known to the pod runner");
        // The downward API's values are not expanded; doubling the dollars keeps them as they are.
        return new EnvironmentVariable(name, value.Replace("$", "$$", StringComparison.Ordinal));
    }

    private static VolumeMount ReadMount(PodField mount)
    {
        if (mount.OptionalText("subPath") is not null)
            throw mount.Problem("subPath", "the pod runner cannot mount a part of a volume");
        return new VolumeMount(mount.Text("name"), mount.Text("mountPath"));
    }

    private static VolumeDefinition ReadVolume(PodField volume)
    {
        var name = volume.Text("name");
        if (volume.OptionalMap("emptyDir") is not null)
            return new EmptyDirectoryVolume(name);
        if (volume.OptionalMap("projected") is { } projected)
            return new TokenVolume(name, [.. projected.List("sources").Select(ReadToken)]);
        throw volume.Problem($"'{name}'", "the pod runner knows only emptyDir and projected volumes");
    }

    private static ProjectedToken ReadToken(PodField source)
    {
        if (source.OptionalMap("serviceAccountToken") is not { } token)
            throw source.Problem("sources", "the pod runner projects only serviceAccountToken");
        return new ProjectedToken(
            token.Text("path"),
            token.Text("audience"),
            TimeSpan.FromSeconds(token.OptionalNumber("expirationSeconds") ?? 3600));
    }
}
