using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Kubernetes;

namespace SidecarAgent.Webhook.Missed;

/// <summary>Which pod.</summary>
/// <param name="Uid">Tells it from others that had, or will have, its name.</param>
internal sealed record PodReference(string Namespace, string Name, string Uid)
{
    public static PodReference Read(JsonObject metadata) => new(
        ApiTree.Text(metadata, "namespace") ?? "", ApiTree.Text(metadata, "name") ?? "", ApiTree.Text(metadata, "uid") ?? "");
}
