using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Leases;

/// <summary>The promise that an issued version may be used until it expires. One for each holder, path and version.</summary>
internal sealed record Lease
{
    /// <summary>Opaque and unguessable, and still of no use to another holder.</summary>
    public required string Id { get; init; }

    /// <summary>Who holds it; <see cref="Workload.Holder"/> is the key.</summary>
    public required Workload Workload { get; init; }

    public required SecretPath Path { get; init; }

    public required ulong Version { get; init; }

    /// <summary>The names of the fields that were given out last, sorted.</summary>
    public required IReadOnlyList<string> Fields { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Renewals cannot reach further than this.</summary>
    public required DateTimeOffset MaxExpiresAt { get; init; }

    /// <summary>What the holder said about the version; null: nothing yet.</summary>
    public Verdict? Verdict { get; init; }
}
