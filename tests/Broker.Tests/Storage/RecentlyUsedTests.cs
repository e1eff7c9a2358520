using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Tests.Storage;

public sealed class RecentlyUsedTests
{
    [Fact]
    public void It_holds_no_more_than_its_weight_however_much_is_added()
    {
        var kept = new RecentlyUsed<int, string>(100, text => text.Length);

        for (var i = 0; i < 10_000; i++)
            kept.Set(i, "0123456789");

        Assert.InRange(kept.Count, 5, 11);
        Assert.Equal("0123456789", kept.Find(9_999));
        Assert.Null(kept.Find(0));
    }

    [Fact]
    public void What_is_asked_for_stays_while_others_come_and_go()
    {
        var kept = new RecentlyUsed<int, string>(100, text => text.Length);
        kept.Set(-1, "asked for");

        for (var i = 0; i < 1_000; i++)
        {
            kept.Set(i, "0123456789");
            Assert.Equal("asked for", kept.Find(-1));
        }
    }

    [Fact]
    public void What_is_replaced_or_removed_weighs_nothing_any_more()
    {
        var kept = new RecentlyUsed<int, string>(100, text => text.Length);
        kept.Set(1, "stays");

        for (var i = 0; i < 1_000; i++)
        {
            kept.Set(2, "0123456789");
            kept.Set(3, "0123456789");
            kept.Remove(3);
        }

        Assert.Equal("stays", kept.Find(1));
        Assert.Null(kept.Find(3));
        Assert.Equal(2, kept.Count);
    }

    [Fact]
    public void What_was_moved_to_the_old_half_is_found_replaced_and_removed_there()
    {
        var kept = new RecentlyUsed<int, string>(100, text => text.Length);
        kept.Set(1, "one");
        kept.Set(2, "two");
        kept.Set(3, new string('x', 60));

        kept.Set(1, "new");
        kept.Remove(2);

        Assert.Equal("new", kept.Find(1));
        Assert.Null(kept.Find(2));
    }
}
