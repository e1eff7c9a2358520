using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;

namespace SidecarAgent.Broker;

internal sealed partial class Gate
{
    /// <summary>Ended in one transaction, so that a great many do not hold up everybody else.</summary>
    private const int RevokeBatch = 500;

    /// <summary>Leases that live, or that have ended and whose accounts are still to be dropped.</summary>
    public async Task<IReadOnlyList<LeaseListing>> ListLeasesAsync(
        Operator by, LeaseFilter filter, string after, int limit, CancellationToken cancellationToken)
    {
        var entry = new AuditEntry(AuditAction.ListLeases, Allowed: true) { Operator = by.Name, Path = filter.Prefix };
        await AuditAsync([entry], cancellationToken);
        return await leases.ListAsync(filter, after, limit, cancellationToken);
    }

    /// <summary>
    /// Ends a lease. Its holder may ask for another one, and does at once where it watches. Of one that has ended, the
    /// account is tried to be dropped now.
    /// </summary>
    /// <returns>How many leases ended, and how many accounts are tried again.</returns>
    /// <exception cref="RequestFailedException">There is no such lease, and nothing left of one.</exception>
    public async Task<(int Ended, int Retried)> RevokeLeaseAsync(Operator by, string id, CancellationToken cancellationToken)
    {
        var entry = new AuditEntry(AuditAction.RevokeLeases, Allowed: true) { Operator = by.Name, LeaseId = id };
        var lease = await leases.FindAsync(id, cancellationToken);
        await AuditAsync([lease is null ? entry : RevokeEntry(by, lease)], cancellationToken);
        if (lease is not null)
        {
            await EndAsync([lease], cancellationToken);
            return (1, 0);
        }

        var retried = await leases.HurryAsync(id, prefix: "");
        revocations.Wake();
        return retried > 0
            ? (0, retried)
            : throw new RequestFailedException(ErrorReason.LeaseNotFound, $"there is no lease {id}");
    }

    /// <summary>Ends all leases below a prefix that were issued until now; else as <see cref="RevokeLeaseAsync"/>.</summary>
    public async Task<(int Ended, int Retried)> RevokeLeasesAsync(Operator by, string prefix, CancellationToken cancellationToken)
    {
        var entry = new AuditEntry(AuditAction.RevokeLeases, Allowed: true) { Operator = by.Name, Path = prefix };
        await AuditAsync([entry], cancellationToken);
        var began = clock.GetUtcNow();
        var ended = 0;
        List<Lease> batch;
        do
        {
            batch = await leases.IssuedByAsync(began, prefix, RevokeBatch, cancellationToken);
            await AuditAsync(batch.Select(lease => RevokeEntry(by, lease)), cancellationToken);
            await EndAsync(batch, cancellationToken);
            ended += batch.Count;
        }
        while (batch.Count == RevokeBatch);
        var retried = await leases.HurryAsync(id: "", prefix);
        revocations.Wake();
        return (ended, retried);
    }

    private async Task EndAsync(IReadOnlyCollection<Lease> ended, CancellationToken cancellationToken)
    {
        await leases.EndAsync(ended, cancellationToken);
        AfterEnd(ended);
    }

    private void AfterEnd(IReadOnlyCollection<Lease> ended)
    {
        revocations.Wake();
        WakeRotations(ended.Select(lease => lease.Path));
        foreach (var holder in ended.Select(lease => lease.Workload.Holder).Distinct())
            watchers.WakeHolder(holder);
    }

    private static AuditEntry RevokeEntry(Operator by, Lease lease) =>
        Entry(AuditAction.RevokeLeases, lease) with { Operator = by.Name };
}
