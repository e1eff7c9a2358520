using SidecarAgent.V1;

namespace SidecarAgent.Agent.Leases;

/// <summary>A lease that the agent holds, with the broker's durations turned into times of the agent's own clock.</summary>
/// <param name="Path">The secret.</param>
/// <param name="Id">Opaque.</param>
/// <param name="ReceivedAt">When the broker's answer arrived: the durations count from there.</param>
/// <param name="ExpiresAt">When it ends unless it is renewed.</param>
/// <param name="MaxExpiresAt">When it ends even so; null: no limit.</param>
/// <param name="Jitter">In [0, 1), drawn once per answer: the leases of one answer are renewed together, those of two agents are not.</param>
internal sealed record HeldLease(
    string Path, string Id, DateTimeOffset ReceivedAt, DateTimeOffset ExpiresAt, DateTimeOffset? MaxExpiresAt, double Jitter)
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    public TimeSpan Life => ExpiresAt - ReceivedAt;

    public bool HasEnded(DateTimeOffset now) => now >= ExpiresAt;

    public static HeldLease From(string path, Lease lease, DateTimeOffset now, double jitter) => new(
        path,
        lease.Id,
        now,
        now + Bounded(lease.ExpiresIn?.ToTimeSpan() ?? TimeSpan.Zero),
        lease.MaxExpiresIn is null ? null : now + Bounded(lease.MaxExpiresIn.ToTimeSpan()),
        jitter);

    /// <summary>A time that no clock reaches must not overflow one.</summary>
    private static TimeSpan Bounded(TimeSpan span) =>
        span < TimeSpan.Zero ? TimeSpan.Zero : span > Longest ? Longest : span;
}
