namespace SidecarAgent.Broker.Leases;

/// <summary>How long a grant lets leases live.</summary>
/// <param name="Ttl">Until a lease must be renewed.</param>
/// <param name="MaxTtl">How long renewals can keep it alive; not less than the TTL.</param>
internal readonly record struct LeaseTerms(TimeSpan Ttl, TimeSpan MaxTtl)
{
    /// <summary>For a holder that cannot renew: as long as the grant allows at all.</summary>
    public LeaseTerms Longest => this with { Ttl = MaxTtl };
}
