namespace SidecarAgent.Broker.Leases;

/// <summary>Why a workload is not given a secret, for machines and for people.</summary>
internal sealed record Denial(DenialReason Reason, string Message);
