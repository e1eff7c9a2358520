namespace SidecarAgent.Broker.Configuration;

/// <summary>How accounts of a mount are leased, and how gently its server is treated.</summary>
internal sealed record DynamicOptions
{
    /// <summary><c>roles</c>: what accounts are made for, by name. At least one.</summary>
    public required IReadOnlyDictionary<string, RoleOptions> Roles { get; init; }

    /// <summary><c>timeout</c>: how long one call to the server may take; 1s to 5m, default 10s.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary><c>concurrency</c>: calls to the server at a time; 1 to 64, default 8.</summary>
    public required int Concurrency { get; init; }
}
