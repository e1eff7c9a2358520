namespace SidecarAgent.Broker.Limits;

/// <summary>One of <see cref="UnreadRequests"/>. Disposed twice, it counts once.</summary>
/// <param name="all">Count it.</param>
/// <param name="holder">Whose it is.</param>
/// <param name="isTooMany">It was one too many, and does not count.</param>
internal sealed class UnreadRequest(UnreadRequests all, string holder, bool isTooMany) : IDisposable
{
    private int _isOver = isTooMany ? 1 : 0;

    public bool IsTooMany => isTooMany;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 0)
            all.End(holder);
    }
}
