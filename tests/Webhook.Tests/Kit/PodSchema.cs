using System.Text.Json.Nodes;
using SidecarAgent.Testing;

namespace SidecarAgent.Webhook.Tests.Kit;

/// <summary>
/// Checks a tree against the definitions that a Kubernetes 1.36 API server publishes for core/v1
/// (Fixtures/pod-schema.json, without descriptions).
/// </summary>
internal static class PodSchema
{
    private static readonly StrictSchema Schema = new(JsonNode.Parse(Repository.Read("Fixtures", "pod-schema.json"))!.AsObject());

    /// <summary>What does not fit, a line each; empty if the pod is one.</summary>
    public static IReadOnlyList<string> Problems(JsonObject pod) =>
    [
        .. Schema.Problems(pod["metadata"], "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", "metadata"),
        .. Schema.Problems(pod["spec"], "io.k8s.api.core.v1.PodSpec", "spec"),
    ];
}
