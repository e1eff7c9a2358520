using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Crypto;

namespace SidecarAgent.Broker.Tests.Crypto;

public sealed class OutsideKeyTests : IDisposable
{
    private static readonly TimeSpan Keep = TimeSpan.FromMinutes(10);

    private readonly FakeTimeProvider _clock = new();
    private readonly FlakyKey _flaky = new();
    private readonly OutsideKey _key;
    private readonly byte[] _dataKey = RandomNumberGenerator.GetBytes(32);

    public OutsideKeyTests() => _key = Outside(Keep);

    public void Dispose() => _key.Dispose();

    [Fact]
    public async Task A_data_key_is_unwrapped_once_and_then_served_from_memory_until_its_time_is_over()
    {
        var wrapped = await ForeignAsync();

        Assert.False(_key.TryUnwrap(wrapped, new byte[32]));
        Assert.Equal(_dataKey, await UnwrapAsync(wrapped));
        _clock.Advance(Keep - TimeSpan.FromSeconds(1));
        Assert.Equal(_dataKey, Try(wrapped));
        Assert.Equal(1, _flaky.Unwrapped);

        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(Try(wrapped));
        Assert.Equal(_dataKey, await UnwrapAsync(wrapped));
        Assert.Equal(2, _flaky.Unwrapped);
    }

    [Fact]
    public async Task However_many_ask_at_once_the_service_is_asked_once()
    {
        var wrapped = await ForeignAsync();
        var gate = new TaskCompletionSource();
        _flaky.Gate = gate.Task;

        var waiting = Enumerable.Range(0, 100).Select(_ => UnwrapAsync(wrapped)).ToList();
        using var hungUp = new CancellationTokenSource();
        var impatient = _key.UnwrapAsync(wrapped, new byte[32], hungUp.Token).AsTask();
        await hungUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        gate.SetResult();

        Assert.All(await Task.WhenAll(waiting), key => Assert.Equal(_dataKey, key));
        Assert.Equal(1, _flaky.Unwrapped);
    }

    [Fact]
    public async Task When_the_service_goes_away_what_is_in_memory_goes_on_for_so_long_after_its_last_answer_and_then_nothing()
    {
        var wrapped = await ForeignAsync();
        var unknown = await ForeignAsync();
        await UnwrapAsync(wrapped);
        _clock.Advance(Keep - TimeSpan.FromMinutes(1));
        await _key.CheckAsync(CancellationToken.None);
        _flaky.IsAway = true;

        // Its own time is over; the service answered a minute and a half ago.
        _clock.Advance(TimeSpan.FromSeconds(90));
        Assert.Equal(_dataKey, await UnwrapAsync(wrapped));
        await Assert.ThrowsAsync<KeyUnavailableException>(() => UnwrapAsync(unknown));
        Assert.Equal("it is away", _key.Health.Problem);

        _clock.Advance(Keep - TimeSpan.FromSeconds(91));
        Assert.Equal(_dataKey, Try(wrapped));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(Try(wrapped));
        var refusal = await Assert.ThrowsAsync<KeyUnavailableException>(() => UnwrapAsync(wrapped));
        Assert.Equal("it is away", refusal.Message);

        _flaky.IsAway = false;
        await _key.CheckAsync(CancellationToken.None);
        Assert.Equal(_dataKey, await UnwrapAsync(wrapped));
        Assert.Null(_key.Health.Problem);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_keeps_nothing_alive_for_longer()
    {
        var clock = new SetClock(_clock);
        using var key = new OutsideKey(_flaky, "test key", Keep, clock, NullLogger.Instance);
        var wrapped = await ForeignAsync();
        await key.UnwrapAsync(wrapped, new byte[32], CancellationToken.None);
        _clock.Advance(Keep - TimeSpan.FromSeconds(1));
        clock.Set = TimeSpan.FromHours(-12);

        Assert.True(key.TryUnwrap(wrapped, new byte[32]));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.False(key.TryUnwrap(wrapped, new byte[32]));

        // Nor while it is away.
        await key.UnwrapAsync(wrapped, new byte[32], CancellationToken.None);
        _flaky.IsAway = true;
        await Assert.ThrowsAsync<KeyUnavailableException>(() => key.CheckAsync(CancellationToken.None).AsTask());
        clock.Set = TimeSpan.FromHours(-24);
        _clock.Advance(Keep);
        Assert.False(key.TryUnwrap(wrapped, new byte[32]));
    }

    [Fact]
    public async Task While_it_is_known_to_be_away_only_the_loop_asks_it()
    {
        var wrapped = await ForeignAsync();
        await _key.CheckAsync(CancellationToken.None);
        _flaky.IsAway = true;
        await Assert.ThrowsAsync<KeyUnavailableException>(() => UnwrapAsync(wrapped));
        var asked = _flaky.Asked;

        for (var i = 0; i < 50; i++)
            await Assert.ThrowsAsync<KeyUnavailableException>(() => UnwrapAsync(wrapped));
        await Assert.ThrowsAsync<KeyUnavailableException>(() => _key.WrapAsync(_dataKey, CancellationToken.None).AsTask());
        Assert.Equal(asked, _flaky.Asked);

        using var stop = new CancellationTokenSource();
        var running = _key.RunAsync(stop.Token);
        _flaky.IsAway = false;
        await _clock.AdvanceUntilAsync(() => _key.Health.Problem is null);
        Assert.Equal(_dataKey, await UnwrapAsync(wrapped));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task One_that_has_never_answered_is_waited_for_by_nobody_once_that_is_known()
    {
        var wrapped = await ForeignAsync();
        _flaky.IsAway = true;
        await Assert.ThrowsAsync<KeyUnavailableException>(() => UnwrapAsync(wrapped));
        var asked = _flaky.Asked;

        for (var i = 0; i < 50; i++)
            await Assert.ThrowsAsync<KeyUnavailableException>(() => UnwrapAsync(wrapped));
        Assert.Equal(asked, _flaky.Asked);

        _flaky.IsAway = false;
        await _key.CheckAsync(CancellationToken.None);
        Assert.Equal(_dataKey, await UnwrapAsync(wrapped));
    }

    [Fact]
    public async Task The_loop_forgets_data_keys_whose_time_is_over()
    {
        await UnwrapAsync(await ForeignAsync());
        Assert.Equal(1, _key.KeptKeys);
        using var stop = new CancellationTokenSource();
        var running = _key.RunAsync(stop.Token);

        await _clock.AdvanceUntilAsync(() => _key.KeptKeys == 0, TimeSpan.FromSeconds(5));

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task The_loop_forgets_all_when_the_service_was_away_too_long()
    {
        await UnwrapAsync(await ForeignAsync());
        _flaky.IsAway = true;
        using var stop = new CancellationTokenSource();
        var running = _key.RunAsync(stop.Token);
        await _clock.AdvanceUntilAsync(() => _key.Health.Problem is not null);

        _clock.Advance(Keep - TimeSpan.FromMinutes(1));
        Assert.Equal(1, _key.KeptKeys);
        await _clock.AdvanceUntilAsync(() => _key.KeptKeys == 0, TimeSpan.FromSeconds(5));

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_service_that_says_no_ends_what_is_in_memory_at_the_next_look()
    {
        var wrapped = await ForeignAsync();
        await UnwrapAsync(wrapped);
        _clock.Advance(Keep + TimeSpan.FromSeconds(1));
        _flaky.Refuses = true;

        await Assert.ThrowsAsync<CryptographicException>(() => UnwrapAsync(wrapped));

        Assert.Equal(0, _key.KeptKeys);
        Assert.Null(_key.Health.Problem);
    }

    [Fact]
    public async Task Nothing_is_kept_where_nothing_is_to_be()
    {
        using var key = Outside(TimeSpan.Zero);
        var wrapped = await key.WrapAsync(_dataKey, CancellationToken.None);

        for (var i = 0; i < 3; i++)
        {
            var back = new byte[32];
            Assert.False(key.TryUnwrap(wrapped, back));
            await key.UnwrapAsync(wrapped, back, CancellationToken.None);
            Assert.Equal(_dataKey, back);
        }

        Assert.Equal((3, 0), (_flaky.Unwrapped, key.KeptKeys));
    }

    private OutsideKey Outside(TimeSpan keep) => new(_flaky, "flaky", keep, _clock, NullLogger.Instance);

    /// <summary>Wrapped in an earlier life of the broker: nothing of it is in memory.</summary>
    private async Task<WrappedKey> ForeignAsync() => await _flaky.WrapAsync(_dataKey, CancellationToken.None);

    private byte[]? Try(WrappedKey wrapped)
    {
        var key = new byte[32];
        return _key.TryUnwrap(wrapped, key) ? key : null;
    }

    private async Task<byte[]> UnwrapAsync(WrappedKey wrapped)
    {
        var key = new byte[32];
        await _key.UnwrapAsync(wrapped, key, CancellationToken.None);
        return key;
    }

    /// <summary>A key service that goes away, hangs and says no as a test wants it to.</summary>
    private sealed class FlakyKey : IKeyWrapper
    {
        private readonly FileKeyWrapper _key = new(RandomNumberGenerator.GetBytes(32));
        private int _unwrapped;

        public bool IsAway { get; set; }

        public bool Refuses { get; set; }

        public Task Gate { get; set; } = Task.CompletedTask;

        public int Unwrapped => _unwrapped;

        public int Asked { get; private set; }

        public string? KeyId => _key.KeyId;

        public bool Knows(string keyId) => _key.Knows(keyId);

        public bool TryUnwrap(WrappedKey wrapped, Span<byte> key) => false;

        public ValueTask<WrappedKey> WrapAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
        {
            ThrowIfAway();
            return _key.WrapAsync(key, cancellationToken);
        }

        public async ValueTask UnwrapAsync(WrappedKey wrapped, Memory<byte> key, CancellationToken cancellationToken)
        {
            await Gate;
            ThrowIfAway();
            if (Refuses)
                throw new CryptographicException("no");
            Interlocked.Increment(ref _unwrapped);
            await _key.UnwrapAsync(wrapped, key, cancellationToken);
        }

        public ValueTask CheckAsync(CancellationToken cancellationToken)
        {
            ThrowIfAway();
            return ValueTask.CompletedTask;
        }

        public void Dispose() => _key.Dispose();

        private void ThrowIfAway()
        {
            Asked++;
            if (IsAway)
                throw new KeyUnavailableException("it is away");
        }
    }
}
