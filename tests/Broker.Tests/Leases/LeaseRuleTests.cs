using SidecarAgent.Broker.Leases;

namespace SidecarAgent.Broker.Tests.Leases;

public sealed class LeaseRuleTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(59, true)]
    [InlineData(60, false)]
    [InlineData(61, false)]
    public void A_lease_lives_until_its_expiry_and_not_at_it(int minutes, bool live) =>
        Assert.Equal(live, LeaseRule.IsLive(Some.Lease(), Some.Noon.AddMinutes(minutes)));

    [Theory]
    // now, TTL, ends before, maximum, ends after (hours after noon)
    [InlineData(0.5, 1, 1, 24, 1.5)]
    [InlineData(0.0, 1, 1, 24, 1.0)]
    [InlineData(23.5, 1, 23.9, 24, 24)] // never past the maximum
    [InlineData(0.5, 0.1, 1, 24, 1)] // never earlier than it was
    [InlineData(0.5, 48, 1, 24, 24)]
    public void A_renewal_reaches_one_TTL_from_now_within_the_maximum(
        double now, double ttl, double before, double maximum, double after)
    {
        var lease = Some.Lease(hours: before, maxHours: maximum);
        var terms = new LeaseTerms(TimeSpan.FromHours(ttl), TimeSpan.FromHours(maximum));

        Assert.Equal(Some.Noon.AddHours(after), LeaseRule.Renew(lease, Some.Noon.AddHours(now), terms));
    }

    [Theory]
    [InlineData(0, 60)]
    [InlineData(19, 60)] // more than two thirds are left
    [InlineData(20, 80)]
    [InlineData(59, 119)]
    public void Asking_again_extends_only_a_lease_that_has_used_a_third_of_its_time(int now, int endsAfter) =>
        Assert.Equal(
            Some.Noon.AddMinutes(endsAfter), LeaseRule.AskAgain(Some.Lease(), Some.Noon.AddMinutes(now), Some.Terms));

    [Theory]
    [InlineData(0, true)]
    [InlineData(15.9, true)]
    [InlineData(16, false)] // two thirds of 24 hours
    [InlineData(23, false)]
    public void A_lease_goes_on_until_two_thirds_of_its_longest_life_are_over(double now, bool goesOn) =>
        Assert.Equal(goesOn, LeaseRule.GoesOn(Some.Lease(hours: 24), Some.Noon.AddHours(now)));

    [Fact]
    public void What_does_not_exist_or_is_over_does_not_go_on()
    {
        Assert.False(LeaseRule.GoesOn(null, Some.Noon));
        Assert.False(LeaseRule.GoesOn(Some.Lease(), Some.Noon.AddHours(2)));
    }

    [Fact]
    public void A_new_lease_never_lives_longer_than_its_maximum()
    {
        var (expiresAt, maxExpiresAt) = LeaseRule.Begin(Some.Noon, new LeaseTerms(TimeSpan.FromHours(5), TimeSpan.FromHours(2)));

        Assert.Equal(Some.Noon.AddHours(2), expiresAt);
        Assert.Equal(Some.Noon.AddHours(2), maxExpiresAt);
    }

    [Theory]
    // applied, active, the versions that end, of leases on 1, 2 and 3
    [InlineData(3, 3, "1 2")]
    [InlineData(2, 3, "1")] // late word: version 3 is issued already, and not applied yet
    [InlineData(1, 3, "")]
    [InlineData(1, 1, "2 3")] // back to an older version
    public void Applying_a_version_ends_the_leases_that_it_replaces(int applied, int active, string ended)
    {
        var all = new[] { 1, 2, 3 }.Select(version => Some.Lease($"lease-{version}", (ulong)version)).ToList();

        var replaced = LeaseRule.Replaced(all[applied - 1], (ulong)active, all);

        Assert.Equal(ended, string.Join(' ', replaced.Select(lease => lease.Version)));
    }
}
