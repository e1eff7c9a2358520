using SidecarAgent.Broker.Crypto;

namespace SidecarAgent.Broker.Tests.Crypto;

public sealed class DataKeyCacheTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly DataKeyCache _cache = new();

    public void Dispose() => _cache.Dispose();

    [Fact]
    public void A_key_is_found_by_what_it_was_unwrapped_from_and_by_nothing_else()
    {
        _cache.Add(Name(1), Key(7), Now);

        Assert.Equal(Key(7), Find(Name(1), Now));
        Assert.Null(Find(Name(2), Now));
        Assert.Null(Find(DataKeyCache.Name.Of(new WrappedKey("kms:b", [1, 0, 0, 0])), Now));
        Assert.Null(Find(Name(1), Now.AddTicks(1)));
    }

    [Fact]
    public void A_full_cache_forgets_those_that_nobody_asks_for()
    {
        for (var i = 0; i < DataKeyCache.Capacity; i++)
            _cache.Add(Name(i), Key(i), Now);
        Assert.Equal(Key(5), Find(Name(5), Now));

        for (var i = DataKeyCache.Capacity; i < DataKeyCache.Capacity + 100; i++)
            _cache.Add(Name(i), Key(i), Now);

        Assert.Equal(DataKeyCache.Capacity, _cache.Count);
        Assert.Equal(Key(5), Find(Name(5), Now));
        Assert.Null(Find(Name(0), Now));
        Assert.Equal(Key(DataKeyCache.Capacity + 99), Find(Name(DataKeyCache.Capacity + 99), Now));
    }

    [Fact]
    public void What_was_confirmed_before_a_moment_goes_and_its_place_is_used_again()
    {
        _cache.Add(Name(1), Key(1), Now);
        _cache.Add(Name(2), Key(2), Now.AddMinutes(1));
        _cache.Add(Name(3), Key(3), Now);
        _cache.Add(Name(3), Key(3), Now.AddMinutes(2));

        _cache.RemoveConfirmedBefore(Now.AddSeconds(30));
        _cache.Remove(Name(2));

        Assert.Null(Find(Name(1), DateTimeOffset.MinValue));
        Assert.Null(Find(Name(2), DateTimeOffset.MinValue));
        Assert.Equal(Key(3), Find(Name(3), Now));
        Assert.Equal(1, _cache.Count);
        for (var i = 0; i < 2 * DataKeyCache.Capacity; i++)
            _cache.Add(Name(i), Key(i), Now);
        Assert.Equal(DataKeyCache.Capacity, _cache.Count);
    }

    private byte[]? Find(DataKeyCache.Name name, DateTimeOffset since)
    {
        var key = new byte[DataKeyCache.KeySize];
        return _cache.TryGet(name, since, key) ? key : null;
    }

    private static DataKeyCache.Name Name(int i) => DataKeyCache.Name.Of(new WrappedKey("kms:a", BitConverter.GetBytes(i)));

    private static byte[] Key(int i) => [.. Enumerable.Repeat((byte)i, DataKeyCache.KeySize)];
}
