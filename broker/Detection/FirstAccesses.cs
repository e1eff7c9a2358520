using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Detection;

/// <summary>
/// Knows which workload takes which secret for the first time. Asked only where a lease begins, which is written to the
/// database anyway: whoever asks again under its lease costs nothing here.
/// </summary>
internal sealed class FirstAccesses(DetectionOptions options, Database database, TimeProvider clock)
{
    private static readonly TimeSpan ForgetEvery = TimeSpan.FromHours(1);

    /// <summary>A time in the table is not renewed before it is so old.</summary>
    private static readonly TimeSpan Coarse = TimeSpan.FromDays(1);

    /// <summary>In memory, of those that were noted lately.</summary>
    private const int Most = 10_000;

    private readonly Lock _lock = new();
    private readonly HashSet<(string Issuer, string Name, SecretPath Path)> _underWay = [];
    private readonly RecentlyUsed<(string Issuer, string Name, SecretPath Path), Noted> _noted = new(Most, _ => 1);
    private int _losses;

    /// <summary>Which of these accesses are the first of their kind.</summary>
    /// <returns>
    /// Those that nobody else is about to note, and those whose time has to be renewed; the caller notes them, or gives the
    /// first ones back with <see cref="End"/>.
    /// </returns>
    public async Task<(IReadOnlyList<SecretPath> First, IReadOnlyList<SecretPath> Stale)> FindAsync(
        Workload workload, IReadOnlyList<SecretPath> begun, CancellationToken cancellationToken)
    {
        if (AreNoted(workload, begun))
            return ([], []);
        var losses = database.Losses;
        var last = await database.ReadAsync(
            async session =>
            {
                var times = new DateTimeOffset?[begun.Count];
                for (var i = 0; i < times.Length; i++)
                    times[i] = await AccessTable.LastAsync(session, workload, begun[i], cancellationToken);
                return times;
            },
            cancellationToken);
        var now = clock.GetUtcNow();
        var stale = begun.Where((_, i) => last[i] is { } time && now - time >= Coarse).ToList();
        lock (_lock)
        {
            foreach (var (path, time) in begun.Zip(last))
            {
                if (time is { } noted && losses == _losses)
                    _noted.Set(Key(workload, path), new Noted(noted));
            }

            // Many pods of one workload start at once; one of them is the first.
            return ([.. begun.Where((path, i) => last[i] is null && _underWay.Add(Key(workload, path)))], stale);
        }
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
    /// All of them are in the table, and need not be renewed there. Nobody forgets what is younger than <see cref="Coarse"/>; a
    /// database that was away may come back without its latest.
    /// </summary>
    private bool AreNoted(Workload workload, IReadOnlyList<SecretPath> begun)
    {
        var oldest = clock.GetUtcNow() - Coarse;
        lock (_lock)
        {
            if (_losses != database.Losses)
            {
                _losses = database.Losses;
                _noted.Clear();
            }

            return begun.All(path => _noted.Find(Key(workload, path)) is { } noted && noted.At > oldest);
        }
    }

    private static (string, string, SecretPath) Key(Workload workload, SecretPath path) => (workload.Issuer, workload.Name, path);

    private sealed record Noted(DateTimeOffset At);
}
