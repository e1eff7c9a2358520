namespace SidecarAgent.Broker.Configuration;

/// <summary>A mount whose secrets are accounts that are made on demand.</summary>
internal sealed record DynamicOptions
{
    /// <summary><c>roles</c>: what accounts are made for, by name. At least one.</summary>
    public required IReadOnlyDictionary<string, RoleOptions> Roles { get; init; }

    /// <summary><c>timeout</c>: how long one call to the server may take; 1s to 5m, default 10s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary><c>concurrency</c>: calls to the server at a time; 1 to 64, default 8.</summary>
    public int Concurrency { get; init; } = 8;
}

/// <summary>How long leases of a role live, if the grant does not ask for less; null: as the grant says.</summary>
/// <param name="Ttl"><c>ttl</c>: until a lease must be renewed; 1s to 365d.</param>
/// <param name="MaxTtl"><c>maxTtl</c>: how long renewals can keep it alive; not less than the TTL.</param>
internal sealed record RoleOptions(TimeSpan? Ttl, TimeSpan? MaxTtl);
