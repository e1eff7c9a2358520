using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Injection;

namespace SidecarAgent.Webhook.Missed;

/// <summary>Which pod.</summary>
/// <param name="Uid">Tells it from others that had, or will have, its name.</param>
internal sealed record PodReference(string Namespace, string Name, string Uid)
{
    public static PodReference Read(JsonObject metadata) => new(
        PodTree.Text(metadata, "namespace") ?? "", PodTree.Text(metadata, "name") ?? "", PodTree.Text(metadata, "uid") ?? "");
}
