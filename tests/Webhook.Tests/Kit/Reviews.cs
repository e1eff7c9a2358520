using System.Text.Json.Nodes;

namespace SidecarAgent.Webhook.Tests.Kit;

/// <summary>AdmissionReviews as the API server sends them.</summary>
internal static class Reviews
{
    public static JsonNode Recorded(string name) => JsonNode.Parse(Repository.Read("Fixtures", "Reviews", name + ".json"))!;

    public static JsonNode Of(JsonObject pod, string @namespace = "shop", string operation = "CREATE") => new JsonObject
    {
        ["kind"] = "AdmissionReview",
        ["apiVersion"] = "admission.k8s.io/v1",
        ["request"] = new JsonObject
        {
            ["uid"] = "f5b8b6a2-1111-4222-8333-944445555666",
            ["resource"] = new JsonObject { ["group"] = "", ["version"] = "v1", ["resource"] = "pods" },
            ["namespace"] = @namespace,
            ["operation"] = operation,
            ["object"] = pod.DeepClone(),
            ["dryRun"] = false,
        },
    };
}
