using CsCheck;
using SidecarAgent.Agent.Connection;

namespace SidecarAgent.Agent.Tests.Connection;

public sealed class BackoffTests
{
    [Theory]
    [InlineData(0, 0.0, 0.0)]
    [InlineData(0, 0.999, 0.25)]
    [InlineData(1, 0.0, 1.0)]
    [InlineData(1, 0.999, 1.25)]
    [InlineData(2, 0.0, 1.0)]
    [InlineData(2, 0.999, 1.875)]
    [InlineData(3, 0.0, 1.406)]
    [InlineData(3, 0.999, 2.81)]
    [InlineData(4, 0.0, 1.5)]
    [InlineData(4, 0.999, 3.0)]
    [InlineData(1_000_000, 0.999, 3.0)]
    public void The_wait_grows_with_failures_and_spreads_with_chance(int failures, double random, double seconds) =>
        Assert.Equal(seconds, Backoff.Delay(failures, null, random).TotalSeconds, 0.01);

    [Fact]
    public void After_a_failure_there_is_at_most_one_attempt_a_second_and_one_in_five_seconds_at_least() =>
        Gen.Select(Gen.Int[1, int.MaxValue], Gen.Double[0, 0.999999]).Sample((failures, random) =>
        {
            var delay = Backoff.Delay(failures, null, random);
            return delay >= TimeSpan.FromSeconds(1) && delay + Backoff.ConnectTimeout <= TimeSpan.FromSeconds(5);
        });

    [Fact]
    public void Never_earlier_than_the_broker_asks() =>
        Gen.Select(Gen.Int[0, 100], Gen.Double[0, 0.999999], Gen.Double[0, 300]).Sample((failures, random, asked) =>
            Backoff.Delay(failures, TimeSpan.FromSeconds(asked), random) >= TimeSpan.FromSeconds(asked));

    [Fact]
    public void A_broker_that_asks_for_a_year_is_asked_again_within_minutes() =>
        Assert.InRange(Backoff.Delay(1, TimeSpan.FromDays(365), 0.5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(6));
}
