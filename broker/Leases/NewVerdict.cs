namespace SidecarAgent.Broker.Leases;

/// <summary>What a caller says about a version that it was given under a lease.</summary>
internal sealed record NewVerdict(string LeaseId, ulong Version, VerdictOutcome Outcome, string? Reason);
