namespace SidecarAgent.Broker.Configuration;

/// <summary>How long leases live where a grant does not say, and what becomes of those that cannot be ended.</summary>
/// <param name="Ttl"><c>ttl</c>: until a lease must be renewed; 1s to 365d, default 1h.</param>
/// <param name="MaxTtl"><c>maxTtl</c>: how long renewals can keep it alive; not less than the TTL, default 24h.</param>
internal sealed record LeaseOptions(TimeSpan Ttl, TimeSpan MaxTtl)
{
    /// <summary>
    /// <c>giveUpAfter</c>: how long after a lease's end an account that cannot be dropped counts as irrevocable; 1m to
    /// 30d, default 24h.
    /// </summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromHours(24);

    public static LeaseOptions Default { get; } = new(TimeSpan.FromHours(1), TimeSpan.FromHours(24));
}
