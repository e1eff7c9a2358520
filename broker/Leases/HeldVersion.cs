namespace SidecarAgent.Broker.Leases;

/// <summary>A version that a caller has under a lease.</summary>
/// <param name="LeaseId">The lease.</param>
/// <param name="Version">The version.</param>
/// <param name="Fields">The fields that this stream gave it; null: the caller says that it has it from an earlier call.</param>
internal sealed record HeldVersion(string LeaseId, ulong Version, IReadOnlyList<string>? Fields);
