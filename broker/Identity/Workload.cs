namespace SidecarAgent.Broker.Identity;

/// <summary>
/// Whom a workload token speaks for. Namespace and service account are always known; pod and node are, for tokens that
/// are bound to a pod (as projected tokens are).
/// </summary>
internal sealed record Workload(
    string Issuer,
    string Namespace,
    string ServiceAccount,
    string? Pod = null,
    string? PodUid = null,
    string? Node = null)
{
    /// <summary>
    /// Who holds a lease: the pod, so that a restarted container is the same holder; without one, the service account.
    /// </summary>
    public string Holder => PodUid is null ? $"sa:{Issuer}:{Namespace}/{ServiceAccount}" : $"pod:{Issuer}:{PodUid}";

    /// <summary>The short name that people use: <c>NAMESPACE/SERVICEACCOUNT</c>.</summary>
    public string Name => $"{Namespace}/{ServiceAccount}";
}
