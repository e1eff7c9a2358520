using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Identity;

public sealed class IssuerKeysTests : IDisposable
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _clock = new();
    private readonly TokenIssuer _issuer = new();
    private readonly IssuerKeys _keys;
    private Func<Task<string>> _answer;
    private int _reads;

    public IssuerKeysTests()
    {
        _answer = () => Task.FromResult(_issuer.Jwks());
        _keys = new IssuerKeys(
            _issuer.Issuer,
            new KeySetReader(
                _ =>
                {
                    Interlocked.Increment(ref _reads);
                    return _answer();
                },
                Refresh,
                Pause),
            _clock,
            NullLogger.Instance);
    }

    public void Dispose() => _issuer.Dispose();

    [Fact]
    public async Task Keys_are_fetched_when_they_are_first_needed_and_then_kept()
    {
        Assert.Null(_keys.Current);
        for (var i = 0; i < 10; i++)
            Assert.True(await KnowsAsync(_issuer.Key.KeyId));

        Assert.Equal(1, _reads);
    }

    [Fact]
    public async Task Many_who_need_them_at_once_wait_for_one_fetch()
    {
        var answer = new TaskCompletionSource<string>();
        _answer = () => answer.Task;
        var waiting = Enumerable.Range(0, 50).Select(_ => KnowsAsync(_issuer.Key.KeyId)).ToList();

        answer.SetResult(_issuer.Jwks());

        Assert.All(await Task.WhenAll(waiting), Assert.True);
        Assert.Equal(1, _reads);
    }

    [Fact]
    public async Task Who_gives_up_waiting_does_not_end_the_fetch_for_the_others()
    {
        var answer = new TaskCompletionSource<string>();
        _answer = () => answer.Task;
        using var impatient = new CancellationTokenSource();
        var first = _keys.FindAsync(_issuer.Key.KeyId, impatient.Token).AsTask();
        var second = KnowsAsync(_issuer.Key.KeyId);

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        answer.SetResult(_issuer.Jwks());

        Assert.True(await second);
    }

    [Fact]
    public async Task An_unknown_key_is_looked_for_at_most_once_in_ten_seconds()
    {
        await KnowsAsync(_issuer.Key.KeyId);
        _clock.Advance(Pause);
        for (var i = 0; i < 100; i++)
            Assert.False(await KnowsAsync($"foreign-{i}"));
        Assert.Equal(2, _reads);

        _clock.Advance(Pause - TimeSpan.FromMilliseconds(1));
        Assert.False(await KnowsAsync("foreign"));
        Assert.Equal(2, _reads);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(await KnowsAsync("foreign"));
        Assert.Equal(3, _reads);
    }

    [Fact]
    public async Task A_new_key_is_found_when_a_token_names_it_and_a_withdrawn_one_is_forgotten()
    {
        var old = _issuer.Key.KeyId;
        await KnowsAsync(old);
        _issuer.RotateKey(SigningKey.Es256());
        _clock.Advance(Pause);

        Assert.True(await KnowsAsync(_issuer.Key.KeyId));
        Assert.False(await KnowsAsync(old));
    }

    [Fact]
    public async Task A_withdrawn_key_is_forgotten_without_being_asked_for()
    {
        await using var running = Run();
        await _clock.AdvanceUntilAsync(() => _keys.Current is not null, Step);
        var before = _keys.Current;
        var old = _issuer.Key.KeyId;
        _issuer.RotateKey(SigningKey.Es256());

        await _clock.AdvanceUntilAsync(() => _keys.Current != before, Step);

        Assert.False(_keys.Current!.TryGet(old, out _));
    }

    [Fact]
    public async Task The_same_keys_stay_the_same_object()
    {
        await using var running = Run();
        await _clock.AdvanceUntilAsync(() => _keys.Current is not null, Step);
        var before = _keys.Current;

        await _clock.AdvanceUntilAsync(() => _reads >= 3, Step);

        Assert.Same(before, _keys.Current);
    }

    [Theory]
    [InlineData("away")]
    [InlineData("{}")]
    [InlineData("{\"keys\":[]}")]
    [InlineData("nonsense")]
    public async Task The_last_good_keys_serve_through_an_outage(string answer)
    {
        await using var running = Run();
        await _clock.AdvanceUntilAsync(() => _keys.Current is not null, Step);
        var good = _answer;
        _answer = () => answer == "away"
            ? Task.FromException<string>(new KeysUnavailableException("away"))
            : Task.FromResult(answer);
        await _clock.AdvanceUntilAsync(() => _keys.Problem is not null, Step);
        var reads = _reads;
        await _clock.AdvanceUntilAsync(() => _reads >= reads + 5, Step);

        Assert.True(await KnowsAsync(_issuer.Key.KeyId));
        Assert.False(await KnowsAsync("foreign"));

        _answer = good;
        await _clock.AdvanceUntilAsync(() => _keys.Problem is null, Step);
    }

    [Fact]
    public async Task An_issuer_that_is_away_at_the_start_is_asked_again()
    {
        _answer = () => Task.FromException<string>(new KeysUnavailableException("away"));
        Assert.False(await KnowsAsync(_issuer.Key.KeyId));
        Assert.Equal("away", _keys.Problem);
        _answer = () => Task.FromResult(_issuer.Jwks());
        Assert.False(await KnowsAsync(_issuer.Key.KeyId));
        _clock.Advance(Pause);

        Assert.True(await KnowsAsync(_issuer.Key.KeyId));
        Assert.Null(_keys.Problem);
    }

    private async Task<bool> KnowsAsync(string keyId) =>
        await _keys.FindAsync(keyId, CancellationToken.None) is { } keys && keys.TryGet(keyId, out _);

    private Running Run() => new(_keys);

    /// <summary>The loop, until the end of the test.</summary>
    private sealed class Running : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _loop;

        public Running(IssuerKeys keys) => _loop = keys.RunAsync(_stop.Token);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _loop);
            _stop.Dispose();
        }
    }
}
