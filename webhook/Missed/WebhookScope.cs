using System.Text.Json.Nodes;

namespace SidecarAgent.Webhook.Missed;

/// <summary>
/// The pods about which API servers ask the webhook, by the selectors of its MutatingWebhookConfiguration. A pod outside was
/// not missed. Of a namespace only the name is known here, which is its label <c>kubernetes.io/metadata.name</c>; where a
/// selector hangs on other labels, the pods count as outside.
/// </summary>
/// <param name="configuration">Null if it is not known; then every namespace counts but those that are never asked about.</param>
/// <param name="ownNamespace">The webhook's.</param>
internal sealed class WebhookScope(JsonObject? configuration, string ownNamespace)
{
    private static readonly string[] Never = ["kube-system", "kube-public", "kube-node-lease"];

    private readonly IReadOnlyList<JsonObject> _webhooks =
        [.. (configuration?["webhooks"] as JsonArray ?? []).OfType<JsonObject>()];

    /// <summary>Whether a pod with these labels is one that the webhook is asked about when it is created.</summary>
    public bool Covers(string @namespace, IReadOnlyDictionary<string, string> podLabels)
    {
        if (@namespace == ownNamespace || Never.Contains(@namespace, StringComparer.Ordinal))
            return false;
        if (configuration is null)
            return true;
        var namespaceLabels = new Dictionary<string, string>(StringComparer.Ordinal) { ["kubernetes.io/metadata.name"] = @namespace };
        return _webhooks.Any(webhook =>
            LabelSelector.Matches(webhook["namespaceSelector"] as JsonObject, namespaceLabels, areAll: false) is true
            && LabelSelector.Matches(webhook["objectSelector"] as JsonObject, podLabels, areAll: true) is true);
    }
}
