namespace SidecarAgent.Broker.Rotation;

/// <summary>
/// Tells one reader to look again: a level, not a queue. Being told ten times before it looks is being told once; being
/// told while it looks makes it look once more.
/// </summary>
internal sealed class LookAgain(TimeProvider clock)
{
    /// <summary>A timer does not see that the clock is set forward, or that the machine slept; a look does.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private TaskCompletionSource _told = NewSignal();

    /// <summary>Whether the reader has been told since it began to look.</summary>
    public bool IsTold
    {
        get
        {
            lock (_lock)
                return _told.Task.IsCompleted;
        }
    }

    public void Tell()
    {
        lock (_lock)
            _told.TrySetResult();
    }

    /// <summary>The reader looks now; what it is told from here on makes it look again.</summary>
    public void BeginLook()
    {
        lock (_lock)
        {
            if (_told.Task.IsCompleted)
                _told = NewSignal();
        }
    }

    /// <summary>Waits until the reader is told, or until the time has come.</summary>
    /// <param name="until">When; null: there is no such time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task WaitAsync(DateTimeOffset? until, CancellationToken cancellationToken)
    {
        Task told;
        lock (_lock)
            told = _told.Task;
        await using var alarm = until is { } at
            ? clock.CreateTimer(_ => Tell(), null, Left(at), Timeout.InfiniteTimeSpan)
            : null;
        await told.WaitAsync(cancellationToken);
    }

    private TimeSpan Left(DateTimeOffset at)
    {
        var left = at - clock.GetUtcNow();
        // Never early: a timer counts in whole milliseconds, and a look before its time would only wait again.
        var rounded = TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
        return rounded < TimeSpan.Zero ? TimeSpan.Zero : rounded < Longest ? rounded : Longest;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
