namespace SidecarAgent.Agent.Sync;

/// <summary>What came of a plan that was to take the place of another.</summary>
/// <param name="Applied">What follows from the generation that was written.</param>
/// <param name="Refused">Why the old plan stays; null: the new one is in use.</param>
/// <param name="Surplus">Leases that are of no use any longer, or never were.</param>
internal sealed record Adoption(Applied Applied, string? Refused, IReadOnlyList<string> Surplus);
