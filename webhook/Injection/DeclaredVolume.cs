using System.Text.Json;

namespace SidecarAgent.Webhook.Injection;

/// <summary>
/// The volume of secrets as a pod's author may declare it. A template of a workload has to: the API server takes no mount
/// there whose volume it does not see, and the webhook sees pods only.
/// </summary>
internal static class DeclaredVolume
{
    /// <summary>Whether the pod has a volume of that name already.</summary>
    public static bool IsIn(PodTree pod) => pod.Volumes.Any(IsNamed);

    /// <summary>
    /// Why the declared volume cannot be used, or null; also if there is none. It must be what the webhook would add: a disk
    /// would keep secrets, and a larger one would get round the trust policy.
    /// </summary>
    public static string? Problem(PodTree pod, Quantity size) =>
        pod.Volumes.Where(IsNamed).All(volume => IsSame(volume, size))
            ? null
            : $"the pod already has a volume '{AgentContainer.SecretsVolume}' that this webhook did not put there; rename it, or, to mount "
                + $"it yourself, declare it as emptyDir: {{ medium: Memory, sizeLimit: {size} }}";

    private static bool IsNamed(JsonElement volume) => PodTree.Name(volume) == AgentContainer.SecretsVolume;

    private static bool IsSame(JsonElement volume, Quantity size)
    {
        var directory = PodTree.Member(volume, "emptyDir");
        return volume.GetPropertyCount() == 2
            && PodTree.Text(directory, "medium") is "Memory"
            && PodTree.Text(directory, "sizeLimit") is { } limit
            && Quantity.TryParse(limit)?.Value == size.Value;
    }
}
