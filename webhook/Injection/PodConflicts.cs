namespace SidecarAgent.Webhook.Injection;

/// <summary>What keeps the agent from living in a pod at all.</summary>
internal static class PodConflicts
{
    private static readonly string[] OurContainers = [AgentContainer.Name, AgentContainer.InitName];

    public static IEnumerable<string> Find(
        PodTree pod, InjectionRequest request, AgentResources resources, Quantity volumeSize)
    {
        foreach (var taken in Taken(pod.Containers.Concat(pod.InitContainers).Concat(pod.EphemeralContainers).Select(container => container.Name), OurContainers))
            yield return $"the pod already has a container {taken} that this webhook did not put there; rename it";
        if (DeclaredVolume.Problem(pod, volumeSize) is { } volumeProblem)
            yield return volumeProblem;
        if (pod.Volumes.Any(volume => PodTree.Name(volume) is AgentContainer.TokenVolume))
            yield return $"the pod already has a volume '{AgentContainer.TokenVolume}' that this webhook did not put there; rename it";
        if (PodTree.Text(PodTree.Member(pod.Spec, "os"), "name") is "windows")
            yield return "the agent runs on Linux only, and the pod asks for Windows";
        if (request.Mode is InjectionMode.Classic && PodTree.Text(pod.Spec, "restartPolicy") is "OnFailure" or "Never")
            yield return $"annotation {Annotations.Prefix}{Annotations.Mode}: a classic sidecar never ends, so that this Job or pod "
                + "would never complete; use \"sidecar\" (Kubernetes 1.29 or later) or \"init\"";
        if (Exceeds(resources.CpuRequest, resources.CpuLimit))
            yield return $"the agent's cpu request {resources.CpuRequest} is more than its limit {resources.CpuLimit}";
        if (Exceeds(resources.MemoryRequest, resources.MemoryLimit))
            yield return $"the agent's memory request {resources.MemoryRequest} is more than its limit {resources.MemoryLimit}";
        if (resources.MemoryLimit is { } limit && volumeSize.Value >= limit.Value)
            yield return $"a volume of {volumeSize} does not fit into the agent's memory limit of {limit}, against which the files "
                + $"count; set {Annotations.Prefix}{Annotations.MemoryLimit} higher or {Annotations.Prefix}{Annotations.VolumeSize} lower";
    }

    private static IEnumerable<string> Taken(IEnumerable<string> present, string[] ours) =>
        present.Where(ours.Contains).Distinct(StringComparer.Ordinal).Select(Foreign.Quote);

    private static bool Exceeds(Quantity? request, Quantity? limit) =>
        request is not null && limit is not null && request.Value > limit.Value;
}
