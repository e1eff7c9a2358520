using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Storage;

/// <summary>What a write that was committed means for what is kept in memory.</summary>
/// <param name="Path">The secret.</param>
/// <param name="Holder">Whose leases on it have changed; null: the secret itself has.</param>
/// <param name="Held">Says, from all that the holder had of it, what it has now.</param>
internal readonly record struct CacheChange(
    SecretPath Path, string? Holder = null, Func<IReadOnlyList<Lease>, IEnumerable<Lease>>? Held = null);
