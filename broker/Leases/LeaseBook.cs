using SidecarAgent.Broker.Engines;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Leases;

/// <summary>Reads what answers are decided on, and writes what they decide.</summary>
internal sealed class LeaseBook(Database database, CutOffs cutOffs, Mounts mounts, TimeProvider clock) : IDisposable
{
    private readonly LeaseStarts _starts = new(database, cutOffs, clock);
    private readonly SemaphoreSlim _reading = new(4);

    /// <summary>One state of the database for all the paths, so that changes that belong together are seen together.</summary>
    public async Task<IReadOnlyList<Facts>> ReadAsync(
        string holder, IReadOnlyList<SecretPath> paths, CancellationToken cancellationToken)
    {
        if (database.Cache.Find(holder, paths, clock.GetUtcNow()) is { } known)
            return known;
        // Of the thousands that one change wakes, some read it; the others find it when their turn comes.
        await _reading.WaitAsync(cancellationToken);
        try
        {
            return database.Cache.Find(holder, paths, clock.GetUtcNow())
                ?? await database.ReadAsync(s => ReadAsync(s, holder, paths, cancellationToken), cancellationToken);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Writes an answer's change of leases.</summary>
    /// <returns>False: something has changed since the answer was decided, and nothing was written.</returns>
    public async Task<bool> ApplyAsync(Answer answer, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        switch (answer)
        {
            case Answer.Issue { IsNew: false, Lease: var lease } when IsUnchanged(lease, now):
                return true;
            case Answer.Issue { IsNew: true, Lease: var lease, Replaced: var replaced }:
                return await BeginAsync(lease, replaced, cancellationToken);
            case Answer.Issue { Lease: var lease }:
                return await WriteUnlessCutOffAsync(
                    lease, s => LeaseTable.UpdateAsync(s, lease, now, cancellationToken), cancellationToken);
            case Answer.Confirm { Extended: true, Lease: var lease }:
                return await WriteUnlessCutOffAsync(
                    lease, s => LeaseTable.UpdateAsync(s, lease, now, cancellationToken), cancellationToken);
            case Answer.Revoke revoke:
                return await database.WriteAsync(s => EndAllAsync(s, revoke, now, cancellationToken), cancellationToken);
            default:
                return true;
        }
    }

    /// <returns>The holder's live leases of these ids, in this order; null for those that it does not hold.</returns>
    public Task<IReadOnlyList<Lease?>> FindAsync(
        string holder, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<Lease?>>(
            async session =>
            {
                var leases = new Lease?[ids.Count];
                for (var i = 0; i < leases.Length; i++)
                    leases[i] = await LeaseTable.FindAsync(session, ids[i], holder, clock.GetUtcNow(), cancellationToken);
                return leases;
            },
            cancellationToken);

    /// <returns>The live lease of this id, whoever holds it; null: there is none.</returns>
    public Task<Lease?> FindAsync(string id, CancellationToken cancellationToken) =>
        database.ReadAsync(s => LeaseTable.FindAsync(s, id, clock.GetUtcNow(), cancellationToken), cancellationToken);

    /// <inheritdoc cref="LeaseListingTable.ListAsync"/>
    public Task<List<LeaseListing>> ListAsync(
        LeaseFilter filter, string after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            s => LeaseListingTable.ListAsync(s, filter, after, limit, clock.GetUtcNow(), cancellationToken), cancellationToken);

    /// <returns>Live leases below a prefix that were issued by some time.</returns>
    public Task<List<Lease>> IssuedByAsync(
        DateTimeOffset time, string prefix, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            s => LeaseListingTable.LiveAsync(
                s, new LeaseFilter { Prefix = prefix }, "", limit, clock.GetUtcNow(), time, cancellationToken),
            cancellationToken);

    /// <returns>Live leases that were issued by some time, sorted by id, after one.</returns>
    public Task<List<Lease>> LiveAfterAsync(
        string after, DateTimeOffset time, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            s => LeaseListingTable.LiveAsync(s, new LeaseFilter(), after, limit, clock.GetUtcNow(), time, cancellationToken),
            cancellationToken);

    /// <inheritdoc cref="LeaseListingTable.HurryAsync"/>
    public Task<int> HurryAsync(string id, string prefix) =>
        database.WriteAsync(
            s => LeaseListingTable.HurryAsync(s, id, prefix, clock.GetUtcNow(), CancellationToken.None), CancellationToken.None);

    /// <summary>Writes the later end of leases.</summary>
    /// <returns>The ids of those that were still live.</returns>
    public Task<IReadOnlySet<string>> RenewAsync(IReadOnlyList<Lease> renewed, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlySet<string>>(
            async session =>
            {
                var live = new HashSet<string>();
                foreach (var lease in renewed.Where(lease => cutOffs.Find(lease.Workload, lease.Path) is null))
                {
                    if (await LeaseTable.UpdateAsync(session, lease, clock.GetUtcNow(), cancellationToken))
                        live.Add(lease.Id);
                }

                return live;
            },
            cancellationToken);

    /// <returns>All live leases on a secret.</returns>
    public Task<List<Lease>> OfSecretAsync(SecretPath path, CancellationToken cancellationToken) =>
        database.ReadAsync(s => LeaseTable.OfSecretAsync(s, path, clock.GetUtcNow(), cancellationToken), cancellationToken);

    /// <returns>At most <paramref name="limit"/> leases whose time is over.</returns>
    public Task<List<Lease>> ExpiredAsync(int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(s => LeaseTable.ExpiredAsync(s, clock.GetUtcNow(), limit, cancellationToken), cancellationToken);

    /// <returns>How many live leases there are below each mount, also where there are none.</returns>
    public async Task<IReadOnlyDictionary<string, long>> CountAsync(CancellationToken cancellationToken)
    {
        var counts = await database.ReadAsync(
            s => LeaseTable.CountAsync(s, clock.GetUtcNow(), cancellationToken), cancellationToken);
        return mounts.Paths.Select(mount => (Mount: mount, Leases: 0L))
            .Concat(counts.Select(count => (count.Path.Mount, count.Leases)))
            .GroupBy(count => count.Mount, count => count.Leases)
            .ToDictionary(mount => mount.Key, mount => mount.Sum());
    }

    public void Dispose() => _reading.Dispose();

    public Task EndAsync(IReadOnlyCollection<Lease> leases, CancellationToken cancellationToken) => leases.Count == 0
        ? Task.CompletedTask
        : database.WriteAsync(
            async session =>
            {
                foreach (var lease in leases)
                    await LeaseTable.RemoveAsync(session, lease, clock.GetUtcNow(), cancellationToken);
                return true;
            },
            cancellationToken);

    /// <summary>Ends leases whose time was over when they were read, unless they have been renewed in their last moment.</summary>
    /// <returns>Those that ended.</returns>
    public Task<IReadOnlyList<Lease>> EndExpiredAsync(IReadOnlyList<Lease> expired, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<Lease>>(
            async session =>
            {
                var now = clock.GetUtcNow();
                var ended = new List<Lease>(expired.Count);
                foreach (var lease in expired)
                {
                    if (await LeaseTable.FindAsync(session, lease.Id, now, cancellationToken) is null
                        && await LeaseTable.RemoveAsync(session, lease, now, cancellationToken))
                    {
                        ended.Add(lease);
                    }
                }

                return ended;
            },
            cancellationToken);

    /// <summary>Stores what a holder said, and ends the leases that it does not need any longer.</summary>
    public Task AcknowledgeAsync(
        IReadOnlyList<(Lease Lease, Verdict Verdict)> acknowledged, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async session =>
            {
                foreach (var (lease, verdict) in acknowledged)
                {
                    await LeaseTable.AcknowledgeAsync(session, lease, verdict, cancellationToken);
                    if (verdict.Outcome == VerdictOutcome.Applied)
                        await EndReplacedAsync(session, lease, cancellationToken);
                }

                return true;
            },
            cancellationToken);

    /// <summary>
    /// The lease is in the database as it is to be, and not cut off. Asked after the audit, as the writer asks: a value
    /// leaves before an end of its lease is answered, or not at all.
    /// </summary>
    private bool IsUnchanged(Lease lease, DateTimeOffset now) =>
        database.Cache.Holds(lease, now) && cutOffs.Find(lease.Workload, lease.Path) is null;

    /// <summary>The one writer asks again, so that no lease begins after a cut-off that covers it.</summary>
    private async Task<bool> WriteUnlessCutOffAsync(
        Lease lease, Func<Session, Task<bool>> write, CancellationToken cancellationToken)
    {
        var written = await database.WriteAsync(
            session => cutOffs.Find(lease.Workload, lease.Path) is null ? write(session) : Task.FromResult(false),
            cancellationToken);
        if (!written)
            database.Cache.Forget(lease.Workload.Holder, lease.Path);
        return written;
    }

    private async Task<bool> BeginAsync(Lease lease, string? replaced, CancellationToken cancellationToken)
    {
        var begun = await _starts.AddAsync(lease, replaced, cancellationToken);
        if (!begun)
            database.Cache.Forget(lease.Workload.Holder, lease.Path);
        return begun;
    }

    private async Task<IReadOnlyList<Facts>> ReadAsync(
        Session session, string holder, IReadOnlyList<SecretPath> paths, CancellationToken cancellationToken)
    {
        var facts = new Facts[paths.Count];
        for (var i = 0; i < facts.Length; i++)
            facts[i] = await mounts.ReadAsync(session, holder, paths[i], clock.GetUtcNow(), cancellationToken);
        return facts;
    }

    private async Task EndReplacedAsync(Session session, Lease applied, CancellationToken cancellationToken)
    {
        var head = await SecretTable.HeadAsync(session, applied.Path, cancellationToken);
        var all = await LeaseTable.OfHolderAsync(
            session, applied.Workload.Holder, applied.Path, clock.GetUtcNow(), cancellationToken);
        foreach (var lease in LeaseRule.Replaced(applied, head?.ActiveVersion ?? 0, all))
            await LeaseTable.RemoveAsync(session, lease, clock.GetUtcNow(), cancellationToken);
    }

    /// <summary>Also what the caller does not name: the lease that was replaced, and one that it never heard of.</summary>
    private static async Task<bool> EndAllAsync(
        Session session, Answer.Revoke revoke, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var lease in await LeaseTable.OfHolderAsync(session, revoke.Holder, revoke.Path, now, cancellationToken))
            await LeaseTable.RemoveAsync(session, lease, now, cancellationToken);
        return true;
    }
}
