using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Audit;

namespace SidecarAgent.Broker.Tests.Audit;

public sealed class TurnAwaysTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly TurnAways _turnAways;

    public TurnAwaysTests() => _turnAways = new TurnAways(_clock);

    [Fact]
    public void The_first_of_a_minute_are_named_and_the_rest_counted()
    {
        Assert.Equal(TurnAways.NamedPerMinute, Come("a", 25));
        Assert.Empty(_turnAways.TakeUnnamed());

        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal([("a", 25L - TurnAways.NamedPerMinute)], _turnAways.TakeUnnamed());
        Assert.Empty(_turnAways.TakeUnnamed());
        Assert.Equal(TurnAways.NamedPerMinute, Come("a", 25));
    }

    [Fact]
    public void A_flood_for_one_reason_hides_no_other()
    {
        Come("a", 1000);

        Assert.Equal(1, Come("b", 1));
    }

    [Fact]
    public void Nothing_is_lost_where_a_minute_ends_before_it_was_summed_up_or_the_log_cannot_be_written()
    {
        Come("a", 15);
        _clock.Advance(TimeSpan.FromMinutes(2));
        Come("a", 15);
        _clock.Advance(TimeSpan.FromMinutes(1));

        var unnamed = _turnAways.TakeUnnamed();
        Assert.Equal([("a", 10L)], unnamed);
        _turnAways.Return(unnamed);
        Come("a", 1);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([("a", 10L)], _turnAways.TakeUnnamed());
    }

    private int Come(string reason, int times) => Enumerable.Range(0, times).Count(_ => _turnAways.IsNamed(reason));
}
