namespace SidecarAgent.Broker.Storage;

/// <summary>
/// Keeps what was used lately, up to a weight. In two halves: when the young one is full it becomes the old one, and what
/// was in the old one and not used since is forgotten. Not for several threads at once.
/// </summary>
/// <param name="maxWeight">Of all values together; one that weighs more than half of it alone may exceed it until the next.</param>
/// <param name="weigh">Weighs a value; the same for as long as it is kept.</param>
internal sealed class RecentlyUsed<TKey, TValue>(long maxWeight, Func<TValue, long> weigh)
    where TKey : notnull
    where TValue : class
{
    private Dictionary<TKey, TValue> _young = [];
    private Dictionary<TKey, TValue> _old = [];
    private long _weight;

    public int Count => _young.Count + _old.Count;

    /// <returns>Null: it is not kept.</returns>
    public TValue? Find(TKey key)
    {
        if (_young.TryGetValue(key, out var value))
            return value;
        if (_old.TryGetValue(key, out value))
            Set(key, value);
        return value;
    }

    public void Set(TKey key, TValue value)
    {
        Remove(key);
        _young.Add(key, value);
        _weight += weigh(value);
        if (_weight <= maxWeight / 2)
            return;
        (_old, _young) = (_young, []);
        _weight = 0;
    }

    public void Remove(TKey key)
    {
        if (_young.Remove(key, out var value))
            _weight -= weigh(value);
        _old.Remove(key);
    }

    public void Clear()
    {
        _young.Clear();
        _old.Clear();
        _weight = 0;
    }
}
