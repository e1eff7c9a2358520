using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Kubernetes;

namespace SidecarAgent.Webhook.Tests.Kubernetes;

public sealed class LeaseRuleTests
{
    private static readonly LeaseRecord Theirs = new("other", "2026-03-01T00:00:00.000000Z", "2026-03-01T00:00:00.000000Z", 3, "7");

    [Theory]
    [InlineData(0, "Follow")]
    [InlineData(29, "Follow")]
    [InlineData(30, "Take")]
    public void A_holder_that_has_not_moved_for_a_duration_of_our_clock_is_dead(int seconds, string step) =>
        Assert.Equal(step, $"{LeaseRule.Decide(Theirs, TimeSpan.FromSeconds(seconds), "me")}");

    [Fact]
    public void What_is_not_there_is_made_and_what_is_ours_renewed_and_what_was_given_back_taken()
    {
        Assert.Equal(LeaseStep.Create, LeaseRule.Decide(null, TimeSpan.Zero, "me"));
        Assert.Equal(LeaseStep.Renew, LeaseRule.Decide(Theirs with { Holder = "me" }, TimeSpan.FromDays(1), "me"));
        Assert.Equal(LeaseStep.Take, LeaseRule.Decide(Theirs with { Holder = "" }, TimeSpan.Zero, "me"));
    }

    [Fact]
    public void A_holder_stops_acting_before_others_take_over() =>
        Assert.True(LeaseRule.Deadline < LeaseRule.Duration && LeaseRule.Period * 2 < LeaseRule.Deadline);

    [Fact]
    public void A_record_comes_back_as_it_was_written_and_leaves_the_metadata_alone()
    {
        var lease = Theirs.Write(new JsonObject { ["metadata"] = new JsonObject { ["labels"] = "kept", ["resourceVersion"] = "7" } }, "ns", "n", LeaseRule.Duration);

        Assert.Equal(Theirs, LeaseRecord.Read(lease));
        Assert.Equal("kept", (string?)lease["metadata"]!["labels"]);
        Assert.Equal(30, (int)lease["spec"]!["leaseDurationSeconds"]!);
    }

    [Fact]
    public void A_Lease_edited_to_rubbish_counts_as_given_back()
    {
        var record = LeaseRecord.Read(new JsonObject { ["spec"] = new JsonObject { ["holderIdentity"] = 7, ["leaseTransitions"] = "x" } });

        Assert.Equal(LeaseStep.Take, LeaseRule.Decide(record, TimeSpan.Zero, "me"));
    }

    [Theory]
    [InlineData(1, 0, 0.5)]
    [InlineData(1, 1, 1)]
    [InlineData(3, 1, 4)]
    [InlineData(7, 1, 60)]
    [InlineData(1_000_000, 0, 30)]
    public void Waits_double_up_to_a_minute_and_are_never_in_step(int failures, double random, double seconds) =>
        Assert.Equal(seconds, Backoff.After(failures, random).TotalSeconds);
}
