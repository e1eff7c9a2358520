namespace SidecarAgent.Broker.Limits;

/// <summary>
/// How many requests each holder has begun that are not whole yet, or not yet counted by <see cref="CallRates"/>. Until then
/// what is there of one lies in memory, and there may be as many connections that bring some as the holder likes.
/// </summary>
internal sealed class UnreadRequests
{
    /// <summary>As many as clients usually begin over one connection.</summary>
    public const int Most = 100;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _byHolder = new(StringComparer.Ordinal);

    /// <summary>To be disposed when the request is whole and counted, or will never be.</summary>
    public UnreadRequest Begin(string holder)
    {
        lock (_lock)
        {
            var count = _byHolder.GetValueOrDefault(holder);
            if (count >= Most)
                return new UnreadRequest(this, holder, isTooMany: true);
            _byHolder[holder] = count + 1;
            return new UnreadRequest(this, holder, isTooMany: false);
        }
    }

    public void End(string holder)
    {
        lock (_lock)
        {
            var count = _byHolder[holder] - 1;
            if (count == 0)
                _byHolder.Remove(holder);
            else
                _byHolder[holder] = count;
        }
    }
}
