using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;

namespace SidecarAgent.Broker.Watch;

/// <summary>Tells the holders of leases that have ended, also those that come back later, and knows who was told.</summary>
internal sealed class RevocationFollower(CutOff cutOff, IReadOnlyList<Lease> ended, Watchers watchers, TimeProvider clock)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, Workload> _notTold =
        ended.Select(lease => lease.Workload).DistinctBy(workload => workload.Holder).ToDictionary(workload => workload.Holder);

    private readonly Dictionary<string, List<Task<bool>>> _telling = [];

    public int Holders { get; } = ended.DistinctBy(lease => lease.Workload.Holder).Count();

    /// <summary>Wakes the watches of all whom the cut-off covers.</summary>
    public void Tell()
    {
        _telling.Clear();
        foreach (var (holder, told) in watchers.WakeCovered(cutOff))
        {
            if (!_telling.TryGetValue(holder, out var watches))
                _telling.Add(holder, watches = []);
            watches.Add(told);
        }
    }

    /// <summary>Who was not told by now. Whoever has come back meanwhile is told now.</summary>
    public IReadOnlyList<(Workload Workload, bool Connected)> NotTold()
    {
        foreach (var (holder, watches) in _telling)
        {
            if (watches.Exists(watch => watch is { IsCompletedSuccessfully: true, Result: true }))
                _notTold.Remove(holder);
        }

        var left = _notTold.Values.Select(workload => (workload, watchers.Hears(workload.Holder, cutOff))).ToList();
        if (left.Exists(holder => holder.Item2 && IsNotBeingTold(holder.workload.Holder)))
            Tell();
        return left;
    }

    /// <summary>Waits until it is worth looking again.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var underWay = _telling.Where(holder => _notTold.ContainsKey(holder.Key)).SelectMany(holder => holder.Value)
            .Where(watch => !watch.IsCompleted).ToList();
        var tick = Task.Delay(Tick, clock, cancellationToken);
        await (underWay.Count == 0 ? tick : Task.WhenAny(tick, Task.WhenAll(underWay)));
        cancellationToken.ThrowIfCancellationRequested();
    }

    private bool IsNotBeingTold(string holder) =>
        !_telling.TryGetValue(holder, out var watches) || watches.TrueForAll(watch => watch.IsCompleted);
}
