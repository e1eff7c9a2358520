using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Detection;

/// <summary>The <see cref="Spread"/> of each workload that has asked for something new lately.</summary>
internal sealed class Spreads(DetectionOptions options)
{
    /// <summary>Beyond it those are not counted that come last. Each has proved who it is, so nobody can make them up.</summary>
    public const int MaxWorkloads = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Issuer, string Name), Spread> _byWorkload = [];

    /// <returns>Whether with this one the workload has asked for more different secrets than is usual.</returns>
    public bool Note(Workload workload, SecretPath path, DateTimeOffset now)
    {
        if (options.SpreadSecrets == 0)
            return false;
        var key = (workload.Issuer, workload.Name);
        lock (_lock)
        {
            if (!_byWorkload.TryGetValue(key, out var before) && _byWorkload.Count >= MaxWorkloads)
                RemoveOver(now);
            if (before is null && _byWorkload.Count >= MaxWorkloads)
                return false;
            (_byWorkload[key], var isUnusual) =
                Spread.Note(before, path.GetHashCode(), now, options.SpreadSecrets, options.SpreadWithin);
            return isUnusual;
        }
    }

    private void RemoveOver(DateTimeOffset now)
    {
        foreach (var (key, spread) in _byWorkload)
        {
            if (spread.IsOver(now, options.SpreadWithin))
                _byWorkload.Remove(key);
        }
    }
}
