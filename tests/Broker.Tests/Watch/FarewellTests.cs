using SidecarAgent.Broker.Watch;

namespace SidecarAgent.Broker.Tests.Watch;

public sealed class FarewellTests
{
    [Fact]
    public void Agents_are_told_to_come_back_one_after_the_other_and_within_half_a_minute()
    {
        var farewell = new Farewell();

        var waits = Enumerable.Range(0, 100_000).Select(_ => farewell.Next()).ToList();

        Assert.Equal(Farewell.Soonest, waits[0]);
        Assert.Equal(Farewell.Soonest + TimeSpan.FromSeconds(1), waits[Farewell.PerSecond]);
        Assert.Equal(Farewell.Latest, waits[^1]);
    }
}
