using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Limits;
using SidecarAgent.Broker.Tests.Leases;

namespace SidecarAgent.Broker.Tests.Limits;

public sealed class CallRatesTests
{
    private readonly FakeTimeProvider _clock = new(Some.Noon);

    [Theory]
    [InlineData(0, 0, 100)]
    [InlineData(0.5, 0, 50)]
    [InlineData(0, 0.05, 50)]
    [InlineData(1, 0, null)]
    [InlineData(0, 0.1, null)]
    [InlineData(0, -5, 100)] // a clock that was set back
    public void A_bucket_gives_one_or_says_when_there_will_be_one(double tokens, double later, int? milliseconds)
    {
        var (_, wait) = new TokenBucket(tokens, Some.Noon).Take(Some.Noon.AddSeconds(later), perSecond: 10, burst: 20);

        Assert.Equal(milliseconds, wait is { } time ? (int)Math.Round(time.TotalMilliseconds) : null);
    }

    [Fact]
    public void Who_takes_more_than_there_is_owes_the_rest()
    {
        var (left, none) = new TokenBucket(5, Some.Noon).Take(Some.Noon, perSecond: 10, burst: 20, count: 15);
        var (_, wait) = left.Take(Some.Noon, perSecond: 10, burst: 20);

        Assert.Null(none);
        Assert.Equal((-10, TimeSpan.FromSeconds(1.1)), (left.Tokens, wait));
    }

    [Fact]
    public void A_bucket_never_holds_more_than_a_burst() =>
        Assert.Equal(20, new TokenBucket(3, Some.Noon).Level(Some.Noon.AddDays(1), perSecond: 10, burst: 20));

    [Fact]
    public void Whoever_has_not_called_for_a_while_is_forgotten()
    {
        var rates = new CallRates(LimitOptions.Default, _clock);
        for (var i = 0; i < 5000; i++)
        {
            rates.Admit(Some.Pod($"uid-{i}"));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(rates.Count, 1, 2000);
    }

    [Fact]
    public void Whoever_calls_is_remembered_however_many_there_are()
    {
        var rates = new CallRates(new LimitOptions { CallsPerSecond = 1, Burst = 1 }, _clock);
        for (var i = 0; i < 5000; i++)
            rates.Admit(Some.Pod($"uid-{i}"));

        Assert.Throws<RequestFailedException>(() => rates.Admit(Some.Pod("uid-0")));
    }
}
