namespace SidecarAgent.Broker.Identity;

/// <summary>
/// Whom a workload token speaks for. For a token of Kubernetes namespace and service account are known; pod and node are,
/// if it is bound to a pod (as projected tokens are). For a JWT-SVID the issuer is the trust domain
/// (<c>spiffe://prod.example</c>), there is no namespace, and the path (<c>/ns/shop/sa/orders</c>, which no name in
/// Kubernetes can be) stands in the place of the service account.
/// </summary>
internal sealed record Workload(
    string Issuer,
    string Namespace,
    string ServiceAccount,
    string? Pod = null,
    string? PodUid = null,
    string? Node = null)
{
    // What the holder is made of cannot be changed in a copy ('with'), which would keep the other's.
    public string Issuer { get; } = Issuer;

    public string Namespace { get; } = Namespace;

    public string ServiceAccount { get; } = ServiceAccount;

    public string? PodUid { get; } = PodUid;

    /// <summary>
    /// Who holds a lease: the pod, so that a restarted container is the same holder; without one, the service account.
    /// </summary>
    public string Holder { get; } = PodUid is null ? $"sa:{Issuer}:{Namespace}/{ServiceAccount}" : $"pod:{Issuer}:{PodUid}";

    /// <summary>The short name that people use: <c>NAMESPACE/SERVICEACCOUNT</c>, or the SPIFFE ID.</summary>
    public string Name => Spiffe ?? $"{Namespace}/{ServiceAccount}";

    /// <summary>The SPIFFE ID; null: a workload of Kubernetes.</summary>
    public string? Spiffe => ServiceAccount.StartsWith('/') ? Issuer + ServiceAccount : null;

    /// <param name="trustDomain">With its scheme.</param>
    /// <param name="path">Begins with a slash.</param>
    public static Workload OfSpiffe(string trustDomain, string path) => new(trustDomain, "", path);
}
