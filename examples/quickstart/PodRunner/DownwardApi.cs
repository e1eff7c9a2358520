namespace SidecarAgent.Quickstart.PodRunner;

/// <summary>What a container may ask about its own pod (valueFrom.fieldRef).</summary>
internal static class DownwardApi
{
    /// <summary>The field's value, or null if the runner does not know the field.</summary>
    public static string? Find(PodIdentity pod, string fieldPath) => fieldPath switch
    {
        "metadata.name" => pod.Name,
        "metadata.namespace" => pod.Namespace,
        "metadata.uid" => pod.Uid,
        "spec.serviceAccountName" => pod.ServiceAccount,
        "spec.nodeName" => pod.Node,
        "status.podIP" or "status.podIPs" or "status.hostIP" => "127.0.0.1",
        _ => Named(fieldPath, "metadata.labels", pod.Labels) ?? Named(fieldPath, "metadata.annotations", pod.Annotations),
    };

    // metadata.labels['KEY']; a missing key is an empty value, as the kubelet has it.
    private static string? Named(string fieldPath, string map, IReadOnlyDictionary<string, string> values) =>
        fieldPath.StartsWith(map + "['", StringComparison.Ordinal) && fieldPath.EndsWith("']", StringComparison.Ordinal)
            ? values.GetValueOrDefault(fieldPath[(map.Length + 2)..^2], "")
            : null;
}
