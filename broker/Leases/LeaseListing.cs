using SidecarAgent.Broker.Credentials;

namespace SidecarAgent.Broker.Leases;

/// <summary>A lease in a list.</summary>
/// <param name="Lease">It; null: it has ended.</param>
/// <param name="Credential">The account that was made for it; null: none was.</param>
internal sealed record LeaseListing(Lease? Lease, Credential? Credential)
{
    public string Id => Lease?.Id ?? Credential!.Id;
}
