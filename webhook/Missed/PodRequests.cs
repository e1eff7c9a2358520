using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace SidecarAgent.Webhook.Missed;

/// <summary>What is sent about a missed pod.</summary>
internal static class PodRequests
{
    /// <summary>An Event on the pod. Its name hangs on the pod's uid alone, so that no second one can be made while it is kept.</summary>
    public static JsonObject Event(PodReference pod, string message, DateTimeOffset now)
    {
        var at = now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject { ["namespace"] = pod.Namespace, ["name"] = $"sidecar-agent-missed.{Hash(pod.Uid)}" },
            ["involvedObject"] = new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Pod",
                ["namespace"] = pod.Namespace,
                ["name"] = pod.Name,
                ["uid"] = pod.Uid,
            },
            ["type"] = "Warning",
            ["reason"] = "SecretsNotInjected",
            ["message"] = message,
            ["source"] = new JsonObject { ["component"] = "sidecar-webhook" },
            ["reportingComponent"] = "sidecar-webhook",
            ["firstTimestamp"] = at,
            ["lastTimestamp"] = at,
            ["count"] = 1,
        };
    }

    /// <summary>policy/v1: heeds disruption budgets, and means this pod, not a successor of its name.</summary>
    public static JsonObject Eviction(PodReference pod) => new()
    {
        ["apiVersion"] = "policy/v1",
        ["kind"] = "Eviction",
        ["metadata"] = new JsonObject { ["namespace"] = pod.Namespace, ["name"] = pod.Name },
        ["deleteOptions"] = new JsonObject { ["preconditions"] = new JsonObject { ["uid"] = pod.Uid } },
    };

    private static string Hash(string uid) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(uid)))[..32];
}
