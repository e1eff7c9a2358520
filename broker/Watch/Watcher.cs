using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Watch;

/// <summary>
/// An open watch, as those see it who change things: a level, not a queue. It is woken to look again at all that it
/// watches; being woken ten times before it looks is being woken once. So nothing is queued for a slow reader, and
/// there is no moment between "what is now" and "what changes" in which a change could be lost.
/// </summary>
internal sealed class Watcher(Watchers watchers, Workload workload, IReadOnlySet<SecretPath> paths) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<string> _released = [];
    private TaskCompletionSource _woken = NewSignal();
    private TaskCompletionSource<bool> _nextLook = NewLook();
    private TaskCompletionSource<bool> _thisLook = NewLook();
    private bool _ended;

    public Workload Workload { get; } = workload;

    public IReadOnlySet<SecretPath> Paths { get; } = paths;

    public void Wake() => _ = WakeAsync();

    /// <returns>
    /// Completes with true when the holder was sent all that a look found which began after this call; with false if the
    /// watch ends before.
    /// </returns>
    public Task<bool> WakeAsync()
    {
        lock (_lock)
        {
            _woken.TrySetResult();
            return _nextLook.Task;
        }
    }

    /// <summary>The holder does not want the secret any longer that it has under this lease.</summary>
    public void Release(string leaseId)
    {
        lock (_lock)
            _released.Add(leaseId);
    }

    /// <summary>From here on, being woken calls for another look.</summary>
    /// <returns>The leases that were released since the last look.</returns>
    public IReadOnlyList<string> BeginLook()
    {
        lock (_lock)
        {
            if (_woken.Task.IsCompleted)
                _woken = NewSignal();
            _thisLook = _nextLook;
            _nextLook = NewLook();
            if (_ended)
                _nextLook.TrySetResult(false);
            string[] released = [.. _released];
            _released.Clear();
            return released;
        }
    }

    /// <summary>What the look has found was sent.</summary>
    public void EndLook()
    {
        lock (_lock)
            _thisLook.TrySetResult(true);
    }

    /// <summary>Waits until it is woken, or until the time has come to look anyway.</summary>
    /// <param name="alarmAt">When; null: there is no such time.</param>
    /// <param name="clock">Knows the time.</param>
    public async Task WaitAsync(DateTimeOffset? alarmAt, TimeProvider clock)
    {
        Task woken;
        lock (_lock)
            woken = _woken.Task;
        await using var alarm = alarmAt is { } at
            ? clock.CreateTimer(_ => Wake(), null, Until(at, clock), Timeout.InfiniteTimeSpan)
            : null;
        await woken;
    }

    public void Dispose()
    {
        watchers.Remove(this);
        lock (_lock)
        {
            _ended = true;
            _thisLook.TrySetResult(false);
            _nextLook.TrySetResult(false);
        }
    }

    private static TimeSpan Until(DateTimeOffset at, TimeProvider clock)
    {
        // A timer takes at most 49 days; looking once too often does no harm.
        var wait = at - clock.GetUtcNow();
        var longest = TimeSpan.FromDays(1);
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait < longest ? wait : longest;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TaskCompletionSource<bool> NewLook() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
