using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Rotation;

namespace SidecarAgent.Broker.Tests.Rotation;

public sealed class LookAgainTests
{
    private readonly FakeTimeProvider _steady = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task It_looks_when_the_time_has_come_and_not_before()
    {
        var look = new LookAgain(_steady);
        var waiting = look.WaitAsync(_steady.GetUtcNow().AddSeconds(30), default);

        _steady.Advance(TimeSpan.FromSeconds(29));
        Assert.False(waiting.IsCompleted);
        _steady.Advance(TimeSpan.FromSeconds(1));

        await waiting.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System);
    }

    [Fact]
    public async Task A_clock_that_is_set_forward_is_noticed_within_a_minute()
    {
        var clock = new SetClock(_steady);
        var look = new LookAgain(clock);
        var waiting = look.WaitAsync(clock.GetUtcNow().AddHours(20), default);

        clock.Set = TimeSpan.FromHours(20);
        _steady.Advance(TimeSpan.FromMinutes(1));

        await waiting.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System);
    }

    [Fact]
    public async Task What_it_is_told_while_it_looks_makes_it_look_once_more()
    {
        var look = new LookAgain(_steady);
        look.BeginLook();
        look.Tell();
        look.Tell();
        Assert.True(look.IsTold);
        await look.WaitAsync(null, default);

        look.BeginLook();

        Assert.False(look.IsTold);
        Assert.False(look.WaitAsync(null, default).IsCompleted);
    }
}
