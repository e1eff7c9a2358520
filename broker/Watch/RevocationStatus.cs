using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;

namespace SidecarAgent.Broker.Watch;

/// <summary>How far a revocation has got.</summary>
/// <param name="CutOff">What keeps its target out.</param>
/// <param name="Ended">The leases that it ended.</param>
/// <param name="Holders">How many holders had them.</param>
/// <param name="NotTold">Those of them that were not told yet, and whether they have a watch open.</param>
/// <param name="Accounts">How many accounts outside were made for the leases.</param>
/// <param name="NotDropped">Those of them that are still there.</param>
internal sealed record RevocationStatus(
    CutOff CutOff,
    IReadOnlyList<Lease> Ended,
    int Holders,
    IReadOnlyList<(Workload Workload, bool Connected)> NotTold,
    int Accounts,
    IReadOnlyList<Credential> NotDropped)
{
    /// <summary>How long a holder without a watch may take to come back, before it counts as away.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>Whether there is nothing more to wait for. A holder that is away is told when it comes back, whenever that is.</summary>
    /// <param name="elapsed">Since the leases ended.</param>
    /// <param name="deadline">When waiting is over in any case.</param>
    public bool IsOver(TimeSpan elapsed, TimeSpan deadline) =>
        elapsed >= deadline
        || (NotDropped.Count == 0 && (NotTold.Count == 0 || (elapsed >= Grace && NotTold.All(holder => !holder.Connected))));
}
