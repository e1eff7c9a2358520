namespace SidecarAgent.Broker.Leases;

/// <summary>What became of a version in the hands of its holder.</summary>
/// <param name="Outcome">Whether it is in use.</param>
/// <param name="At">When the holder said so.</param>
/// <param name="Reason">Why it was rejected; null if it was not.</param>
internal sealed record Verdict(VerdictOutcome Outcome, DateTimeOffset At, string? Reason);
