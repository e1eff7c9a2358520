using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Tests.Leases;
using SidecarAgent.Broker.Watch;

namespace SidecarAgent.Broker.Tests.Watch;

public sealed class WatcherTests
{
    private static readonly SecretPath Other = SecretPath.Parse("kv/other");

    private readonly FakeTimeProvider _clock = new();
    private readonly Watchers _watchers = new();

    [Fact]
    public async Task Being_woken_many_times_is_being_woken_once()
    {
        using var watcher = Add(Some.Db);
        watcher.BeginLook();

        for (var i = 0; i < 10; i++)
            _watchers.WakeSecret(Some.Db);

        await WaitAsync(watcher);
        watcher.BeginLook();
        Assert.False(WaitAsync(watcher).IsCompleted);
    }

    [Fact]
    public async Task A_change_during_a_look_calls_for_another()
    {
        using var watcher = Add(Some.Db);
        watcher.BeginLook();
        _watchers.WakeSecret(Some.Db);
        watcher.EndLook();

        await WaitAsync(watcher);
    }

    [Fact]
    public void Only_those_whom_it_concerns_are_woken()
    {
        using var db = Add(Some.Db);
        using var other = Add(Other);

        _watchers.WakeSecret(Some.Db);
        Assert.True(WaitAsync(db).IsCompleted);
        Assert.False(WaitAsync(other).IsCompleted);

        _watchers.WakeCovered(new CutOff("id", CutOffKind.Secret, Other.ToString(), "", Some.Noon, "me"));
        Assert.True(WaitAsync(other).IsCompleted);
    }

    [Fact]
    public async Task An_alarm_wakes_at_its_time()
    {
        using var watcher = Add(Some.Db);
        watcher.BeginLook();

        var waiting = watcher.WaitAsync(_clock.GetUtcNow().AddHours(30), _clock);
        _clock.Advance(TimeSpan.FromHours(23));
        Assert.False(waiting.IsCompleted);

        // A day is the longest wait: then it looks, finds nothing, and waits for the rest.
        _clock.Advance(TimeSpan.FromHours(2));
        await waiting.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System);
    }

    [Fact]
    public async Task Who_wakes_hears_when_a_look_that_began_after_it_was_sent()
    {
        using var watcher = Add(Some.Db);
        watcher.BeginLook();
        var told = watcher.WakeAsync();

        watcher.EndLook();
        Assert.False(told.IsCompleted); // that look may have begun too early to see the change
        watcher.BeginLook();
        Assert.False(told.IsCompleted);
        watcher.EndLook();

        Assert.True(await told);
    }

    [Fact]
    public async Task Who_wakes_a_watch_that_ends_hears_that_nobody_was_told()
    {
        var watcher = Add(Some.Db);
        watcher.BeginLook();
        var told = watcher.WakeAsync();

        watcher.Dispose();

        Assert.False(await told);
    }

    [Fact]
    public void A_holder_is_connected_while_any_of_its_watches_is_open()
    {
        var one = Add(Some.Db);
        var two = Add(Other);
        Assert.Equal(2, _watchers.Count);

        one.Dispose();
        one.Dispose();
        Assert.True(_watchers.IsConnected(Some.Orders.Holder));
        Assert.Equal(1, _watchers.Count);

        two.Dispose();
        Assert.False(_watchers.IsConnected(Some.Orders.Holder));
    }

    [Fact]
    public void A_release_reaches_the_watches_of_its_holder()
    {
        using var watcher = Add(Some.Db);
        watcher.BeginLook();

        _watchers.Release(Some.Lease("released"));

        Assert.Equal(["released"], watcher.BeginLook());
        Assert.Empty(watcher.BeginLook());
    }

    private Watcher Add(SecretPath path) => _watchers.Add(Some.Orders, new HashSet<SecretPath> { path });

    private Task WaitAsync(Watcher watcher) => watcher.WaitAsync(null, _clock);
}
