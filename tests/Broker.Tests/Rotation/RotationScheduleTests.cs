using SidecarAgent.Broker.Rotation;
using SidecarAgent.Broker.Tests.Leases;

namespace SidecarAgent.Broker.Tests.Rotation;

public sealed class RotationScheduleTests
{
    private static readonly DateTimeOffset Noon = Some.Noon;

    [Fact]
    public void Every_so_often_counts_from_the_last_time_and_is_spread_a_little()
    {
        var daily = Schedule(TimeSpan.FromDays(1), null);

        Assert.Equal(Noon.AddDays(1), daily.NextDue(Noon, Noon, spread: 0));
        Assert.InRange(daily.NextDue(Noon, Noon, spread: 0.999), Noon.AddHours(23), Noon.AddDays(1));
        Assert.Equal(Noon, daily.NextDue(null, Noon, spread: 0.5));
    }

    [Fact]
    public void What_was_missed_is_due_once()
    {
        var hourly = Schedule(null, "0 * * * *");
        var missed = hourly.NextDue(Noon.AddDays(-3), Noon.AddDays(-9), spread: 0);

        Assert.True(missed < Noon);
        Assert.Equal(Noon.AddHours(1), hourly.NextDue(Noon, Noon.AddDays(-9), spread: 0));
    }

    [Fact]
    public void A_time_before_the_schedule_was_set_was_not_missed() =>
        Assert.Equal(Noon.AddHours(15), Schedule(null, "0 3 * * *").NextDue(Noon.AddYears(-1), Noon, spread: 0));

    [Theory]
    [InlineData(null, null, "either how often or")]
    [InlineData(3600, "0 3 * * *", "either how often or")]
    [InlineData(59, null, "every 1m to 3650d")]
    [InlineData(null, "0 3 * *", "five fields")]
    [InlineData(null, "0 3 30 2 *", "never comes")]
    public void What_cannot_be_meant_is_refused(int? seconds, string? cron, string problem)
    {
        var every = seconds is { } s ? TimeSpan.FromSeconds(s) : (TimeSpan?)null;

        Assert.False(RotationSchedule.TryCreate(every, cron, out _, out var found));
        Assert.Contains(problem, found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_step_is_left_alone_ever_longer_and_at_most_five_minutes()
    {
        Assert.Equal(TimeSpan.FromSeconds(0.5), RotationBackoff.Delay(1, 0));
        Assert.True(RotationBackoff.Delay(5, 0) > RotationBackoff.Delay(2, 0.99));
        Assert.InRange(RotationBackoff.Delay(1000, 0.99), TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5));
    }

    private static RotationSchedule Schedule(TimeSpan? every, string? cron)
    {
        Assert.True(RotationSchedule.TryCreate(every, cron, out var schedule, out var problem), problem);
        return schedule;
    }
}
