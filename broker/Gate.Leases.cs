using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;

namespace SidecarAgent.Broker;

internal sealed partial class Gate
{
    private const string UnknownLease = "the lease has expired, was revoked or released, or never was this workload's";

    /// <summary>Extends leases, as far as what was granted is still granted.</summary>
    /// <returns>One for each id, in their order.</returns>
    public async Task<IReadOnlyList<Renewal>> RenewAsync(
        Workload workload, IReadOnlyList<string> leaseIds, CancellationToken cancellationToken)
    {
        var found = await leases.FindAsync(workload.Holder, leaseIds, cancellationToken);
        var now = clock.GetUtcNow();
        var renewals = found.Select(lease => lease is null ? new Renewal.Ended(UnknownLease) : Renew(lease, now)).ToArray();

        await AuditAsync(found.Zip(renewals, RenewalEntry), cancellationToken);

        for (var i = 0; i < renewals.Length; i++)
        {
            if (renewals[i] is Renewal.Renewed renewed)
                renewals[i] = new Renewal.Renewed(await extension.CoverAsync(renewed.Lease, cancellationToken));
        }

        var refused = found.Zip(renewals).Where(pair => pair.Second is Renewal.Ended).Select(pair => pair.First)
            .OfType<Lease>().ToList();
        await leases.EndAsync(refused, cancellationToken);
        if (refused.Count > 0)
            revocations.Wake();
        WakeRotations(refused.Select(lease => lease.Path));
        var live = await leases.RenewAsync(
            [.. renewals.OfType<Renewal.Renewed>().Select(renewal => renewal.Lease)], cancellationToken);
        return
        [
            .. renewals.Select(renewal => renewal is Renewal.Renewed { Lease.Id: var id } && !live.Contains(id)
                ? new Renewal.Ended(UnknownLease)
                : renewal),
        ];
    }

    /// <summary>Ends leases that the workload holds; others are none of its business.</summary>
    public async Task ReleaseAsync(
        Workload workload, IReadOnlyList<string> leaseIds, CancellationToken cancellationToken)
    {
        var found = await leases.FindAsync(workload.Holder, leaseIds, cancellationToken);
        var held = found.OfType<Lease>().DistinctBy(lease => lease.Id).ToList();
        await AuditAsync(held.Select(lease => Entry(AuditAction.Release, lease)), cancellationToken);

        // The workload's watches forget the secret first: they must not give it a new lease for the one that ends.
        held.ForEach(watchers.Release);
        await leases.EndAsync(held, cancellationToken);
        revocations.Wake();
        WakeRotations(held.Select(lease => lease.Path));
    }

    /// <summary>Stores what became of issued versions.</summary>
    /// <returns>The ids of leases that the workload does not hold (any longer).</returns>
    /// <exception cref="RequestFailedException">A lease is on another version than the workload says.</exception>
    public async Task<IReadOnlyList<string>> AcknowledgeAsync(
        Workload workload, IReadOnlyList<NewVerdict> verdicts, CancellationToken cancellationToken)
    {
        var ids = verdicts.Select(verdict => verdict.LeaseId).ToList();
        var found = await leases.FindAsync(workload.Holder, ids, cancellationToken);
        var now = clock.GetUtcNow();
        var acknowledged = new List<(Lease Lease, Verdict Verdict)>();
        foreach (var (lease, verdict) in found.Zip(verdicts))
        {
            if (lease is null)
                continue;
            if (lease.Version != verdict.Version)
            {
                throw new RequestFailedException(
                    ErrorReason.RequestInvalid,
                    $"lease {lease.Id} is on version {lease.Version}, and version {verdict.Version} was acknowledged",
                    lease.Path);
            }

            acknowledged.Add((lease, new Verdict(verdict.Outcome, now, verdict.Reason)));
        }

        // The holder's reason stays out of the log: it is free text, and the log promises to hold no value.
        await AuditAsync(
            acknowledged.Select(a => Entry(
                AuditAction.Acknowledge, a.Lease, detail: a.Verdict.Outcome.ToString().ToLowerInvariant())),
            cancellationToken);
        await leases.AcknowledgeAsync(acknowledged, cancellationToken);
        revocations.Wake();
        WakeRotations(acknowledged.Select(a => a.Lease.Path));
        return [.. ids.Except(acknowledged.Select(a => a.Lease.Id))];
    }

    /// <summary>Ends the leases whose time is over, at most <paramref name="limit"/> of them.</summary>
    /// <returns>How many that were.</returns>
    public async Task<int> ExpireAsync(int limit, CancellationToken cancellationToken)
    {
        var expired = await leases.ExpiredAsync(limit, cancellationToken);
        if (expired.Count == 0)
            return 0;
        await AuditAsync(expired.Select(lease => Entry(AuditAction.Expire, lease)), cancellationToken);
        AfterEnd(await leases.EndExpiredAsync(expired, cancellationToken));
        return expired.Count;
    }

    private Renewal Renew(Lease lease, DateTimeOffset now) => Authorise(lease.Workload, lease.Path, lease.Fields) switch
    {
        _ when !mounts.Serves(lease.Path) => new Renewal.Ended($"{lease.Path} is not configured any more"),
        Access.Granted granted => new Renewal.Renewed(lease with { ExpiresAt = LeaseRule.Renew(lease, now, granted.Terms) }),
        Access.Refused refused => new Renewal.Ended(refused.Denial.Message),
        var access => throw new InvalidOperationException($"No renewal for {access.GetType().Name}."),
    };

    private static AuditEntry? RenewalEntry(Lease? lease, Renewal renewal) =>
        lease is null
            ? null
            : Entry(AuditAction.Renew, lease, allowed: renewal is Renewal.Renewed, (renewal as Renewal.Ended)?.Message);
}
