using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Watch;

/// <summary>All open watches. Whoever has changed something wakes those whom it may concern.</summary>
internal sealed class Watchers
{
    /// <summary>A watch whose client is gone is noticed within this time.</summary>
    private static readonly TimeSpan RetryWatch = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly Dictionary<SecretPath, HashSet<Watcher>> _byPath = [];
    private readonly Dictionary<string, HashSet<Watcher>> _byHolder = new(StringComparer.Ordinal);
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <param name="workload">Who watches.</param>
    /// <param name="paths">What.</param>
    /// <param name="most">How many watches one holder may have open.</param>
    /// <exception cref="RequestFailedException">It has so many.</exception>
    public Watcher Add(Workload workload, IReadOnlySet<SecretPath> paths, int most = int.MaxValue)
    {
        var watcher = new Watcher(this, workload, paths);
        lock (_lock)
        {
            if (_byHolder.GetValueOrDefault(workload.Holder)?.Count >= most)
            {
                throw new RequestFailedException(
                    ErrorReason.TooManyRequests, $"this pod has {most} watches open, and may have no more")
                {
                    RetryAfter = RetryWatch,
                };
            }

            foreach (var path in paths)
                Set(_byPath, path).Add(watcher);
            Set(_byHolder, workload.Holder).Add(watcher);
            _count++;
        }

        return watcher;
    }

    public void Remove(Watcher watcher)
    {
        lock (_lock)
        {
            foreach (var path in watcher.Paths)
                Drop(_byPath, path, watcher);
            if (Drop(_byHolder, watcher.Workload.Holder, watcher))
                _count--;
        }
    }

    /// <summary>Another version of a secret is served.</summary>
    public void WakeSecret(SecretPath path)
    {
        foreach (var watcher in Select(() => _byPath.GetValueOrDefault(path) ?? []))
            watcher.Wake();
    }

    /// <summary>Something about all of a holder's secrets has changed, such as a lease that expired.</summary>
    public void WakeHolder(string holder)
    {
        foreach (var watcher in Select(() => _byHolder.GetValueOrDefault(holder) ?? []))
            watcher.Wake();
    }

    /// <summary>Something about everybody's secrets has changed, such as the policies.</summary>
    public void WakeAll()
    {
        foreach (var watcher in Select(() => _byHolder.Values.SelectMany(watchers => watchers)))
            watcher.Wake();
    }

    /// <summary>Wakes the watches that a cut-off covers, when it is made or lifted.</summary>
    /// <returns>Their holders, and what <see cref="Watcher.WakeAsync"/> returned.</returns>
    public IReadOnlyList<(string Holder, Task<bool> Told)> WakeCovered(CutOff cutOff) =>
    [
        .. Select(() => _byHolder.Values.SelectMany(watchers => watchers))
            .Where(watcher => Hears(watcher, cutOff))
            .Select(watcher => (watcher.Workload.Holder, watcher.WakeAsync())),
    ];

    /// <summary>A holder has released a lease: its watches forget the secret.</summary>
    public void Release(Lease lease)
    {
        foreach (var watcher in Select(() => _byHolder.GetValueOrDefault(lease.Workload.Holder) ?? []))
        {
            if (!watcher.Paths.Contains(lease.Path))
                continue;
            watcher.Release(lease.Id);
            watcher.Wake();
        }
    }

    /// <summary>Whether the holder has a watch open now.</summary>
    public bool IsConnected(string holder)
    {
        lock (_lock)
            return _byHolder.ContainsKey(holder);
    }

    /// <summary>Whether the holder has a watch open now that <see cref="WakeCovered"/> wakes.</summary>
    public bool Hears(string holder, CutOff cutOff)
    {
        lock (_lock)
            return _byHolder.TryGetValue(holder, out var held) && held.Any(watcher => Hears(watcher, cutOff));
    }

    private static bool Hears(Watcher watcher, CutOff cutOff) =>
        watcher.Paths.Any(path => cutOff.Covers(watcher.Workload, path));

    /// <summary>A copy, so that watchers are woken outside the lock.</summary>
    private Watcher[] Select(Func<IEnumerable<Watcher>> select)
    {
        lock (_lock)
            return [.. select()];
    }

    private static HashSet<Watcher> Set<TKey>(Dictionary<TKey, HashSet<Watcher>> index, TKey key)
        where TKey : notnull
    {
        if (!index.TryGetValue(key, out var watchers))
            index.Add(key, watchers = []);
        return watchers;
    }

    private static bool Drop<TKey>(Dictionary<TKey, HashSet<Watcher>> index, TKey key, Watcher watcher)
        where TKey : notnull
    {
        if (!index.TryGetValue(key, out var watchers) || !watchers.Remove(watcher))
            return false;
        if (watchers.Count == 0)
            index.Remove(key);
        return true;
    }
}
