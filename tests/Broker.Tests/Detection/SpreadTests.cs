using SidecarAgent.Broker.Detection;
using SidecarAgent.Broker.Tests.Leases;

namespace SidecarAgent.Broker.Tests.Detection;

public sealed class SpreadTests
{
    private const int Most = 3;
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(10);

    [Fact]
    public void The_same_secrets_again_and_again_are_usual()
    {
        var (_, unusual) = Ask(null, [.. Enumerable.Range(0, 1000).Select(i => (i % Most, 0.0))]);

        Assert.DoesNotContain(true, unusual);
    }

    [Fact]
    public void One_secret_too_many_is_unusual_once_and_not_again_for_each_that_follows()
    {
        var (after, unusual) = Ask(null, [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4), (6, 5)]);

        Assert.Equal([false, false, false, true, false, false], unusual);
        Assert.Equal(Most + 1, after!.Paths.Count);
    }

    [Fact]
    public void When_the_time_is_over_the_count_begins_anew_and_can_be_unusual_again()
    {
        var (_, unusual) = Ask(null, [(1, 0), (2, 0), (3, 0), (4, 9.99), (1, 10), (2, 11), (3, 12), (4, 13)]);

        Assert.Equal([false, false, false, true, false, false, false, true], unusual);
    }

    [Fact]
    public void A_clock_that_was_set_back_does_not_stop_the_count_for_ever()
    {
        var (after, _) = Ask(null, [(1, 0), (2, -60)]);

        Assert.Equal(Some.Noon.AddMinutes(-60), after!.Since);
    }

    private static (Spread? After, List<bool> Unusual) Ask(Spread? spread, (int Path, double Minute)[] asks)
    {
        var unusual = new List<bool>();
        foreach (var (path, minute) in asks)
        {
            (spread, var isUnusual) = Spread.Note(spread, path, Some.Noon.AddMinutes(minute), Most, Within);
            unusual.Add(isUnusual);
        }

        return (spread, unusual);
    }
}
