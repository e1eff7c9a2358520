using System.Text.Json;
using SidecarAgent.Webhook.Injection;

namespace SidecarAgent.Webhook.Admission;

/// <summary>The part of an <c>admission.k8s.io/v1</c> AdmissionRequest that matters here.</summary>
/// <param name="review">What it was read from; disposed with it.</param>
internal sealed class AdmissionRequest(JsonDocument review) : IDisposable
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
    public JsonElement? Object { get; init; }

    public bool IsNewPod => Operation == "CREATE" && Group.Length == 0 && Resource == "pods" && SubResource.Length == 0;

    /// <summary>The name of the pod, or the name that its controller's pods begin with.</summary>
    public string PodName =>
        Object is { } pod && PodTree.Member(pod, "metadata") is var metadata
            ? PodTree.Text(metadata, "name") ?? PodTree.Text(metadata, "generateName") ?? ""
            : "";

    /// <summary>Gives back the memory that the review is in.</summary>
    public void Dispose() => review.Dispose();
}
