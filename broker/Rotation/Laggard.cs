using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;

namespace SidecarAgent.Broker.Rotation;

/// <summary>A holder that a rotation waits for, or that has rejected the new version.</summary>
/// <param name="Workload">Who.</param>
/// <param name="Version">The version that it uses as far as is known; 0: none before the new one.</param>
/// <param name="Rejection">Why it cannot use the new one, in its own words; null: it has not said so.</param>
internal sealed record Laggard(Workload Workload, ulong Version, string? Rejection)
{
    /// <summary>Of the rest, only the number is told.</summary>
    public const int Most = 100;

    /// <param name="leases">All live leases on a secret.</param>
    /// <param name="served">The version that they should be on.</param>
    public static IReadOnlyList<Laggard> Of(IEnumerable<Lease> leases, ulong served) =>
    [
        .. leases.GroupBy(lease => lease.Workload.Holder, StringComparer.Ordinal)
            .Select(holder => Find([.. holder], served)).OfType<Laggard>()
            .OrderByDescending(laggard => laggard.Rejection is not null).Take(Most),
    ];

    private static Laggard? Find(IReadOnlyList<Lease> leases, ulong served)
    {
        var rejection = leases.FirstOrDefault(lease =>
            lease.Version == served && lease.Verdict?.Outcome == VerdictOutcome.Rejected)?.Verdict?.Reason;
        var old = leases.Where(lease => lease.Version != served).MaxBy(lease => lease.Version);
        return old is null && rejection is null ? null : new Laggard(leases[0].Workload, old?.Version ?? 0, rejection);
    }
}
