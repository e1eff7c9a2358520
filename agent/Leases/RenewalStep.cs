namespace SidecarAgent.Agent.Leases;

/// <param name="Renew">One call's worth, the most urgent first.</param>
/// <param name="Replace">At their maximum: only another lease can go on.</param>
/// <param name="NextLook">When the first of the others is due; null: no other.</param>
internal sealed record RenewalStep(
    IReadOnlyList<HeldLease> Renew, IReadOnlyList<HeldLease> Replace, DateTimeOffset? NextLook);
