using CsCheck;
using SidecarAgent.Agent.Leases;

namespace SidecarAgent.Agent.Tests.Leases;

public sealed class RenewalScheduleTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(3600, 0.0, 2400)]
    [InlineData(3600, 0.5, 2220)]
    [InlineData(3600, 0.999, 2040)]
    [InlineData(60, 0.0, 40)]
    [InlineData(0, 0.5, 0)]
    public void A_lease_is_renewed_at_two_thirds_of_its_life_or_a_little_earlier(int life, double jitter, int due) =>
        Assert.Equal(due, (RenewalSchedule.DueAt(Lease("a", life, jitter: jitter)) - Start).TotalSeconds, 0);

    [Fact]
    public void Nothing_is_done_before_the_first_is_due()
    {
        var step = RenewalSchedule.Decide(Start.AddSeconds(39), [Lease("a", 60), Lease("b", 90)]);

        Assert.Empty(step.Renew);
        Assert.Empty(step.Replace);
        Assert.Equal(Start.AddSeconds(40), step.NextLook);
    }

    [Fact]
    public void What_is_due_soon_goes_along_with_what_is_due_now()
    {
        var leases = new[] { Lease("now", 3600), Lease("soon", 3630), Lease("later", 7200) };

        var step = RenewalSchedule.Decide(Start.AddSeconds(2400), leases);

        Assert.Equal(["now", "soon"], step.Renew.Select(lease => lease.Path));
        Assert.Equal(Start.AddSeconds(4800), step.NextLook);
    }

    [Fact]
    public void A_lease_at_its_maximum_is_replaced_while_it_lives()
    {
        var atMaximum = Lease("a", 60, max: 60);
        var nearMaximum = Lease("b", 60, max: 65);
        var renewable = Lease("c", 60, max: 120);

        var step = RenewalSchedule.Decide(Start.AddSeconds(53), [atMaximum, nearMaximum, renewable]);
        Assert.Equal(["c"], step.Renew.Select(lease => lease.Path));
        Assert.Empty(step.Replace);

        step = RenewalSchedule.Decide(Start.AddSeconds(54), [atMaximum, nearMaximum, renewable]);
        Assert.Equal(["a", "b"], step.Replace.Select(lease => lease.Path));
    }

    [Fact]
    public void A_call_names_no_more_leases_than_the_wire_allows()
    {
        var leases = Enumerable.Range(0, 200).Select(number => Lease($"{number}", 60)).ToList();

        Assert.Equal(128, RenewalSchedule.Decide(Start.AddSeconds(50), leases).Renew.Count);
    }

    [Fact]
    public void Whatever_the_leases_each_is_acted_on_before_its_end_and_none_before_half_of_its_life() =>
        Gen.Select(Gen.Int[1, 100_000], Gen.Double[0, 0.999999]).Sample((life, jitter) =>
        {
            var lease = Lease("a", life, jitter: jitter);
            var due = RenewalSchedule.DueAt(lease);
            var before = RenewalSchedule.Decide(due.AddTicks(-1), [lease]);
            var at = RenewalSchedule.Decide(due, [lease]);
            return due < lease.ExpiresAt && due > lease.ReceivedAt + (lease.Life / 2)
                && before.Renew.Count == 0 && before.NextLook == due && at.Renew.Count == 1;
        });

    private static HeldLease Lease(string path, int life, int? max = null, double jitter = 0) => new(
        path, $"lease-{path}", Start, Start.AddSeconds(life), max is { } end ? Start.AddSeconds(end) : null, jitter);
}
