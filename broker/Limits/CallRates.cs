using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Limits;

/// <summary>
/// Lets each holder call so often and no more, so that one that calls without end takes nothing from the others. Whoever
/// has not called for a while is forgotten.
/// </summary>
internal sealed class CallRates(LimitOptions limits, TimeProvider clock)
{
    /// <summary>Buckets that are kept before those that are full again are looked for.</summary>
    private const int Few = 1024;

    /// <summary>However little is missing: a client that comes back at once has gained nothing.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, TokenBucket> _buckets = new(StringComparer.Ordinal);
    private int _most = Few;

    /// <summary>How many holders are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _buckets.Count;
        }
    }

    /// <param name="workload">Who calls.</param>
    /// <param name="items">How many secrets or leases the call is about: each may be an entry of the audit log.</param>
    /// <exception cref="RequestFailedException">The holder has called too often; it says how long to wait.</exception>
    public void Admit(Workload workload, int items = 1)
    {
        var now = clock.GetUtcNow();
        TimeSpan? wait;
        lock (_lock)
        {
            var full = new TokenBucket(limits.Burst, now);
            (var left, wait) = _buckets.GetValueOrDefault(workload.Holder, full).Take(now, limits.CallsPerSecond, limits.Burst, items);
            _buckets[workload.Holder] = left;
            if (_buckets.Count > _most)
                Forget(now);
        }

        if (wait is { } time)
        {
            throw new RequestFailedException(
                ErrorReason.TooManyRequests, $"this pod may call {limits.CallsPerSecond} times a second, each secret or lease counted, and has called more often")
            {
                RetryAfter = time > ShortestWait ? time : ShortestWait,
            };
        }
    }

    private void Forget(DateTimeOffset now)
    {
        var full = _buckets.Where(bucket => bucket.Value.Level(now, limits.CallsPerSecond, limits.Burst) >= limits.Burst)
            .Select(bucket => bucket.Key).ToList();
        full.ForEach(holder => _buckets.Remove(holder));
        _most = Math.Max(Few, 2 * _buckets.Count);
    }
}
