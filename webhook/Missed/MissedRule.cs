using System.Text.Json;
using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Kubernetes;

namespace SidecarAgent.Webhook.Missed;

/// <summary>Judges pods. Pure.</summary>
internal static class MissedRule
{
    private const int MaxMessage = 900;

    /// <summary>These make a new pod at once and without counting it as a failure, as a Job would.</summary>
    private static readonly string[] Replacing = ["ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController"];

    private static readonly MissedVerdict.Fine Good = new();

    /// <summary>Whether a closer look is worth it, by the pod's metadata alone. The mark is believed here.</summary>
    public static bool IsCandidate(JsonObject metadata, WebhookScope scope, InjectionSettings settings)
    {
        if (metadata["deletionTimestamp"] is not null || metadata["annotations"] is not JsonObject annotations)
            return false;
        if (ApiTree.Text(annotations, Annotations.Prefix + Annotations.Status) is Annotations.Injected)
            return false;
        var asks = ApiTree.Text(annotations, Annotations.Prefix + Annotations.Inject) is { } inject ? inject is not "false"
            : settings.Vault.Enabled && annotations.Any(annotation => annotation.Key.StartsWith("vault.hashicorp.com/", StringComparison.Ordinal));
        return asks && scope.Covers(ApiTree.Text(metadata, "namespace") ?? "", Labels(metadata));
    }

    /// <param name="pod">The whole pod.</param>
    public static MissedVerdict Judge(JsonObject pod, string @namespace, InjectionSettings settings)
    {
        if (pod["metadata"] is not JsonObject metadata || metadata["deletionTimestamp"] is not null)
            return Good;
        if (pod["status"] is JsonObject status && ApiTree.Text(status, "phase") is "Succeeded" or "Failed")
            return Good;
        var decision = PodInjection.Decide(JsonElement.Parse(pod.ToJsonString()), @namespace, settings);
        if (decision is Decision.Skip)
            return Good;

        const string What = "This pod asks for secrets, but it was created without the agent, because the webhook was not asked. ";
        if (decision is Decision.Reject reject)
            return new MissedVerdict.Missed(Foreign.Plain(What + "A new one would be refused: " + reject.Message, MaxMessage), MayEvict: false);
        var controller = Controller(metadata);
        return controller is null
            ? new MissedVerdict.Missed(What + "Create it anew: no controller would.", MayEvict: false)
            : new MissedVerdict.Missed(What + "Delete it, so that a new one with the agent takes its place.", Replacing.Contains(controller));
    }

    private static string? Controller(JsonObject metadata) =>
        ApiTree.Objects(metadata, "ownerReferences")
            .Where(owner => ApiTree.IsTrue(owner, "controller"))
            .Select(owner => ApiTree.Text(owner, "kind"))
            .FirstOrDefault();

    private static Dictionary<string, string> Labels(JsonObject metadata) =>
        (metadata["labels"] as JsonObject ?? []).ToDictionary(label => label.Key, label => label.Value?.ToString() ?? "", StringComparer.Ordinal);
}
