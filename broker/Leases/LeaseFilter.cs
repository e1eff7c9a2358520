using SidecarAgent.Broker.Credentials;

namespace SidecarAgent.Broker.Leases;

/// <summary>Which leases an operator asks for; an empty text asks for any.</summary>
internal sealed record LeaseFilter
{
    /// <summary>What the paths begin with.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Of the workload's token; a trust domain, with its scheme.</summary>
    public string Issuer { get; init; } = "";

    public string Namespace { get; init; } = "";

    /// <summary>Of a SPIFFE ID, the path: <see cref="Identity.Workload"/>.</summary>
    public string ServiceAccount { get; init; } = "";

    public string Pod { get; init; } = "";

    public string Node { get; init; } = "";

    /// <summary>
    /// <see cref="CredentialState.Live"/>: leases that live. Else those that have ended, with an account outside that is
    /// still to be dropped.
    /// </summary>
    public CredentialState State { get; init; } = CredentialState.Live;
}
