using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Leases;

/// <summary>What is cut off now: rows in the database, and in memory, where the gate asks for every access.</summary>
internal sealed class CutOffs
{
    private readonly Database _database;
    private readonly Lock _lock = new();
    private volatile IReadOnlyList<CutOff> _current;

    private CutOffs(Database database, IReadOnlyList<CutOff> current)
    {
        _database = database;
        _current = current;
    }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<CutOff> Current => _current;

    public static async Task<CutOffs> LoadAsync(Database database, CancellationToken cancellationToken) =>
        new(database, await database.ReadAsync(s => CutOffTable.ListAsync(s, cancellationToken), cancellationToken));

    /// <returns>A cut-off that covers this access; null: there is none.</returns>
    public CutOff? Find(Workload workload, SecretPath path) =>
        _current.FirstOrDefault(cutOff => cutOff.Covers(workload, path));

    /// <summary>
    /// Cuts off, and ends the leases that are covered. It is in force before the database is asked, so that no lease
    /// slips in between.
    /// </summary>
    /// <param name="cutOff">What to cut off.</param>
    /// <param name="once">Not if just the same is cut off already.</param>
    /// <returns>The leases that ended.</returns>
    public async Task<IReadOnlyList<Lease>> CutAsync(CutOff cutOff, bool once = false)
    {
        var isNew = true;
        Change(current =>
        {
            isNew = !once || !current.Any(other => other.Kind == cutOff.Kind && other.Target == cutOff.Target);
            return isNew ? [.. current, cutOff] : current;
        });
        if (!isNew)
            return [];
        try
        {
            return await _database.WriteAsync(
                async session =>
                {
                    await CutOffTable.AddAsync(session, cutOff, CancellationToken.None);
                    var live = await LeaseTable.AllAsync(session, cutOff.Since, CancellationToken.None);
                    var covered = live.Where(lease => cutOff.Covers(lease.Workload, lease.Path)).ToList();
                    foreach (var lease in covered)
                        await LeaseTable.RemoveAsync(session, lease, cutOff.Since, CancellationToken.None);
                    return covered;
                },
                CancellationToken.None);
        }
        catch
        {
            Change(current => [.. current.Where(other => other.Id != cutOff.Id)]);
            throw;
        }
    }

    /// <returns>What was lifted; null: there is none of that id.</returns>
    public async Task<CutOff?> LiftAsync(string id)
    {
        var removed = await _database.WriteAsync(
            session => CutOffTable.RemoveAsync(session, id, CancellationToken.None), CancellationToken.None);
        var lifted = _current.FirstOrDefault(cutOff => cutOff.Id == id);
        Change(current => [.. current.Where(cutOff => cutOff.Id != id)]);
        return removed ? lifted : null;
    }

    private void Change(Func<IReadOnlyList<CutOff>, IReadOnlyList<CutOff>> change)
    {
        lock (_lock)
            _current = change(_current);
    }
}
