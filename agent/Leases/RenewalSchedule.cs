namespace SidecarAgent.Agent.Leases;

/// <summary>When a lease is renewed, and when a renewal would no longer help.</summary>
internal static class RenewalSchedule
{
    /// <summary>The proto's bound on one renewal.</summary>
    public const int MaxBatch = 128;

    /// <summary>The part of a lease's life after which it is renewed; the rest is for trying again.</summary>
    private const double Point = 2.0 / 3;

    /// <summary>
    /// The part of its life after which a lease at its maximum is replaced. Later than the broker would do it by itself,
    /// who sees the end coming too and need not be asked while a watch is open.
    /// </summary>
    private const double ReplacePoint = 0.9;

    /// <summary>How much earlier the jitter may make it: agents that started together drift apart.</summary>
    private const double Spread = 0.1;

    /// <summary>Leases due within this part of the life of the one that is due are renewed with it, in one call.</summary>
    private const double BatchWindow = 0.1;

    private static readonly TimeSpan LongestWindow = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestGrace = TimeSpan.FromSeconds(30);

    public static DateTimeOffset DueAt(HeldLease lease) =>
        lease.ReceivedAt + (lease.Life * ((IsAtMaximum(lease) ? ReplacePoint : Point) - (Spread * lease.Jitter)));

    /// <summary>
    /// Whether the lease ends, to within a grace of a tenth of its life, where no renewal can reach further: it must then
    /// be replaced by another, while it still lives.
    /// </summary>
    public static bool IsAtMaximum(HeldLease lease) =>
        lease.MaxExpiresAt is { } max && max - lease.ExpiresAt <= Shorter(lease.Life * 0.1, LongestGrace);

    /// <summary>What is to be done now, and when to look again if nothing changes until then.</summary>
    public static RenewalStep Decide(DateTimeOffset now, IReadOnlyCollection<HeldLease> leases)
    {
        var due = leases.Where(lease => DueAt(lease) <= now).ToList();
        var window = due.Count == 0
            ? TimeSpan.Zero
            : Shorter(due.Max(lease => lease.Life) * BatchWindow, LongestWindow);
        var soon = leases.Where(lease => DueAt(lease) <= now + window).ToList();
        var later = leases.Except(soon).Select(DueAt).Order().ToList();
        return new RenewalStep(
            Renew: due.Count == 0 ? [] : [.. soon.Where(lease => !IsAtMaximum(lease)).OrderBy(DueAt).Take(MaxBatch)],
            Replace: [.. due.Where(IsAtMaximum)],
            NextLook: later.Count == 0 ? null : later[0]);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
