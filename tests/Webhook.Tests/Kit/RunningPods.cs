using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Kubernetes;

namespace SidecarAgent.Webhook.Tests.Kit;

/// <summary>Pods as they run in a cluster.</summary>
internal static class RunningPods
{
    /// <summary>One that asks for a secret, made by a ReplicaSet while no webhook was asked.</summary>
    public static JsonObject Pod(string name = "web-0", string @namespace = "shop")
    {
        var pod = The.Pod();
        pod["metadata"]!["name"] = name;
        pod["metadata"]!["namespace"] = @namespace;
        pod["metadata"]!["uid"] = $"uid-of-{@namespace}-{name}";
        pod["metadata"]!["ownerReferences"] = new JsonArray(new JsonObject { ["kind"] = "ReplicaSet", ["name"] = "web", ["controller"] = true });
        pod["status"] = new JsonObject { ["phase"] = "Running" };
        return pod;
    }

    public static string Path(JsonObject pod) => ApiPaths.Pod((string)pod["metadata"]!["namespace"]!, (string)pod["metadata"]!["name"]!);
}
