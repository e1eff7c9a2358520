using System.Text.Json.Nodes;

namespace SidecarAgent.Webhook.Admission;

/// <summary>The part of an <c>admission.k8s.io/v1</c> AdmissionRequest that matters here.</summary>
internal sealed record AdmissionRequest
{
    /// <summary>The answer must carry it.</summary>
    public required string Uid { get; init; }

    /// <summary><c>CREATE</c>, <c>UPDATE</c>, <c>DELETE</c> or <c>CONNECT</c>.</summary>
    public required string Operation { get; init; }

    public required string Group { get; init; }

    public required string Resource { get; init; }

    public required string SubResource { get; init; }

    /// <summary>Where the pod is to be. New pods of controllers say it only here.</summary>
    public required string Namespace { get; init; }

    /// <summary>The object; null in a deletion, and if it is not a JSON object.</summary>
    public JsonObject? Object { get; init; }

    public bool IsNewPod => Operation == "CREATE" && Group.Length == 0 && Resource == "pods" && SubResource.Length == 0;

    /// <summary>The name of the pod, or the name that its controller's pods begin with.</summary>
    public string PodName =>
        Object?["metadata"] is not JsonObject metadata ? ""
        : Injection.PodTree.Text(metadata, "name") ?? Injection.PodTree.Text(metadata, "generateName") ?? "";
}
