namespace SidecarAgent.Agent.Leases;

/// <summary>Sleeps towards a moment at which something is due to a lease.</summary>
internal static class LeaseWait
{
    /// <summary>A timer reaches no further than some 49 days; who waits longer looks again.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <param name="changed">Of the book of leases, taken before the book was looked at: ends the wait.</param>
    /// <param name="until">Null: only a change ends it.</param>
    /// <param name="time">Whose now.</param>
    /// <param name="cancellationToken">Throws.</param>
    public static async Task UntilAsync(Task changed, DateTimeOffset? until, TimeProvider time, CancellationToken cancellationToken)
    {
        var span = until is { } moment ? moment - time.GetUtcNow() : Longest;
        if (span <= TimeSpan.Zero)
            return;
        // Timers count whole milliseconds: rounded down, they would go off before the moment, again and again.
        var whole = TimeSpan.FromMilliseconds(Math.Ceiling(span.TotalMilliseconds));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(changed, Task.Delay(whole < Longest ? whole : Longest, time, over.Token));
        await over.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }
}
