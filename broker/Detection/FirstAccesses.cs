using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Detection;

/// <summary>
/// Knows which workload takes which secret for the first time. Asked only where a lease begins, which is written to the
/// database anyway: whoever asks again under its lease costs nothing here, nor do the pods of one workload that all get a
/// new version.
/// </summary>
internal sealed class FirstAccesses(DetectionOptions options, Database database, TimeProvider clock)
{
    private static readonly TimeSpan ForgetEvery = TimeSpan.FromHours(1);

    /// <summary>A time in the table is not renewed before it is so old.</summary>
    private static readonly TimeSpan Coarse = TimeSpan.FromDays(1);

    /// <summary>How many accesses are known without a query; one is some 300 bytes.</summary>
    private const int Known = 20_000;

    private readonly Lock _lock = new();
    private readonly HashSet<(string Issuer, string Name, SecretPath Path)> _underWay = [];
    private readonly RecentlyUsed<(string Issuer, string Name, SecretPath Path), NotedAccess> _noted = new(Known, _ => 1);

    /// <summary>Which of these accesses are the first of their kind.</summary>
    /// <returns>
    /// Those that nobody else is about to note, and those whose time has to be renewed; the caller notes them, or gives the
    /// first ones back with <see cref="End"/>.
    /// </returns>
    public async Task<(IReadOnlyList<SecretPath> First, IReadOnlyList<SecretPath> Stale)> FindAsync(
        Workload workload, IReadOnlyList<SecretPath> begun, CancellationToken cancellationToken)
    {
        var open = Unknown(workload, begun);
        if (open.Count == 0)
            return ([], []);
        var last = await database.ReadAsync(
            async session =>
            {
                var times = new DateTimeOffset?[open.Count];
                for (var i = 0; i < times.Length; i++)
                    times[i] = await AccessTable.LastAsync(session, workload, open[i], cancellationToken);
                return times;
            },
            cancellationToken);
        var now = clock.GetUtcNow();
        var (first, stale) = (new List<SecretPath>(), new List<SecretPath>());
        lock (_lock)
        {
            foreach (var (path, time) in open.Zip(last))
            {
                // Many pods of one workload start at once; one of them is the first.
                if (time is null && _underWay.Add(Key(workload, path)))
                    first.Add(path);
                else if (time is { } old && now - old >= Coarse)
                    stale.Add(path);
                else if (time is { } recent)
                    _noted.Set(Key(workload, path), new NotedAccess(recent));
            }
        }

        return (first, stale);
    }

    /// <summary>Completes when it is durable.</summary>
    /// <returns>How many had not been noted before.</returns>
    public Task<int> NoteAsync(Workload workload, IReadOnlyList<SecretPath> paths) =>
        database.WriteAsync(
            async session =>
            {
                var added = 0;
                foreach (var path in paths)
                    added += await AccessTable.NoteAsync(session, workload, path, clock.GetUtcNow(), CancellationToken.None) ? 1 : 0;
                return added;
            },
            CancellationToken.None);

    public void End(Workload workload, IReadOnlyList<SecretPath> first)
    {
        if (first.Count == 0)
            return;
        lock (_lock)
        {
            foreach (var path in first)
                _underWay.Remove(Key(workload, path));
        }
    }

    /// <summary>Forgets what was long ago, now and then, until it is cancelled; then it throws. An outage of the database passes.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(ForgetEvery, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await ForgetAsync();
            }
            catch (StorageUnavailableException)
            {
                // Whoever needs the database says so; this can wait an hour.
            }
        }
    }

    public Task<int> ForgetAsync() =>
        database.WriteAsync(
            s => AccessTable.ForgetAsync(s, clock.GetUtcNow() - options.RememberAccess, CancellationToken.None),
            CancellationToken.None);

    /// <summary>
    /// Those that are not known to have been noted lately. What is so young is not forgotten by <see cref="ForgetAsync"/>.
    /// </summary>
    private List<SecretPath> Unknown(Workload workload, IReadOnlyList<SecretPath> begun)
    {
        var now = clock.GetUtcNow();
        lock (_lock)
            return [.. begun.Where(path => !(_noted.Find(Key(workload, path)) is { } noted && now - noted.At < Coarse))];
    }

    private static (string, string, SecretPath) Key(Workload workload, SecretPath path) => (workload.Issuer, workload.Name, path);

    /// <param name="At">As the database has it.</param>
    private sealed record NotedAccess(DateTimeOffset At);
}
