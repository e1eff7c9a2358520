namespace SidecarAgent.Broker.Api;

/// <summary>
/// One of the handshakes that may run now. Given back when it is done, or when it has taken so long that it must be waiting
/// for its client: then it takes no processor, and does not hold up others.
/// </summary>
internal sealed class HandshakeTurn : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(100);

    private readonly Timer _timer;
    private SemaphoreSlim? _free;

    /// <param name="free">Was entered for it.</param>
    public HandshakeTurn(SemaphoreSlim free)
    {
        _free = free;
        // The machine's clock, as everything about TLS.
        _timer = new Timer(static turn => ((HandshakeTurn)turn!).GiveBack(), this, Longest, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        GiveBack();
        _timer.Dispose();
    }

    private void GiveBack() => Interlocked.Exchange(ref _free, null)?.Release();
}
