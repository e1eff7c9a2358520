namespace SidecarAgent.Webhook.Injection;

/// <summary>
/// Containers that other injectors put into pods under fixed names: service meshes and their like. They are no part of the
/// application, so that they get its secrets only where the pod names them.
/// </summary>
internal static class MeshContainers
{
    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "istio-proxy", "istio-init", "istio-validation",
        "linkerd-proxy", "linkerd-init", "linkerd-network-validator", "linkerd-debug",
        "consul-dataplane", "consul-connect-inject-init",
        "kuma-sidecar", "kuma-init", "kuma-validation",
        "daprd", "vault-agent", "vault-agent-init",
    };

    public static bool Has(PodContainer container) => Names.Contains(container.Name);
}
