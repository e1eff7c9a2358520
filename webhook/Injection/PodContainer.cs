using System.Text.Json;

namespace SidecarAgent.Webhook.Injection;

/// <summary>One container of a pod; two are the same only if they stand at the same place.</summary>
/// <param name="pointer">Where it stands in the pod (RFC 6901).</param>
/// <param name="fields">What it says.</param>
internal sealed class PodContainer(string pointer, JsonElement fields)
{
    public string Pointer => pointer;

    public JsonElement Fields => fields;

    public string Name { get; } = PodTree.Name(fields);
}
