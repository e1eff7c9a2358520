namespace SidecarAgent.Agent.Configuration;

/// <summary>Where the broker is, and the only CA that may vouch for it.</summary>
internal sealed record BrokerOptions
{
    /// <summary>Always https.</summary>
    public required Uri Address { get; init; }

    /// <summary>One or more certificates in PEM; never empty.</summary>
    public required string CaPem { get; init; }

    /// <summary>Where <see cref="CaPem"/> was read, and is read again when it may have changed; null: it stands in the configuration.</summary>
    public string? CaFile { get; init; }
}
