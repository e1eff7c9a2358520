namespace SidecarAgent.Broker.Configuration;

/// <summary>How long leases of a role live if the grant does not allow less; null: as the grant says.</summary>
/// <param name="Ttl"><c>ttl</c>: until a lease must be renewed; 1s to 365d.</param>
/// <param name="MaxTtl"><c>maxTtl</c>: how long renewals can keep it alive; not less than the TTL.</param>
internal sealed record RoleOptions(TimeSpan? Ttl, TimeSpan? MaxTtl);
