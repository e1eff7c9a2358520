using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Leases;

/// <summary>One secret that a caller wants.</summary>
/// <param name="Path">Where.</param>
/// <param name="Fields">The wanted fields; empty: all that are granted.</param>
/// <param name="Standing">What the caller has of it already.</param>
internal sealed record Wish(SecretPath Path, IReadOnlyList<string> Fields, Standing Standing);
