namespace SidecarAgent.Broker.Configuration;

/// <summary>How long leases live where a grant does not say.</summary>
/// <param name="Ttl"><c>ttl</c>: until a lease must be renewed; 1s to 365d, default 1h.</param>
/// <param name="MaxTtl"><c>maxTtl</c>: how long renewals can keep it alive; not less than the TTL, default 24h.</param>
internal sealed record LeaseOptions(TimeSpan Ttl, TimeSpan MaxTtl)
{
    public static LeaseOptions Default { get; } = new(TimeSpan.FromHours(1), TimeSpan.FromHours(24));
}
