using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Tests.Leases;

namespace SidecarAgent.Broker.Tests.Credentials;

public sealed class RevocationRuleTests
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    [Theory]
    [InlineData(0, 0.0, 0.75)]
    [InlineData(0, 1.0, 1.25)]
    [InlineData(3, 0.5, 8)]
    [InlineData(8, 0.5, 256)]
    [InlineData(9, 0.5, 300)]
    [InlineData(60, 0.5, 300)]
    public void Each_failure_waits_twice_as_long_up_to_five_minutes(int attempts, double random, double seconds)
    {
        var failed = RevocationRule.Failed(Ended() with { Attempts = attempts }, "no", Some.Noon, Day, random);

        Assert.Equal(Some.Noon.AddSeconds(seconds), failed.NextAttemptAt);
        Assert.Equal((CredentialState.Revoking, attempts + 1, "no"), (failed.State, failed.Attempts, failed.Problem));
    }

    [Theory]
    [InlineData(23.9, false)]
    [InlineData(24, true)]
    public void Out_of_time_it_is_irrevocable_and_tried_seldom(double hours, bool irrevocable)
    {
        var failed = RevocationRule.Failed(Ended(), "no", Some.Noon.AddHours(hours), Day, 0.5);

        Assert.Equal(irrevocable, failed.State == CredentialState.Irrevocable);
        Assert.Equal(irrevocable, failed.NextAttemptAt == Some.Noon.AddHours(hours + 1));
    }

    [Fact]
    public void What_is_irrevocable_stays_so_until_it_is_gone()
    {
        var stuck = Ended() with { State = CredentialState.Irrevocable };

        Assert.Equal(CredentialState.Irrevocable, RevocationRule.Failed(stuck, "no", Some.Noon, Day, 0.5).State);
        Assert.Null(RevocationRule.Dropped(stuck, Some.Noon));
    }

    [Fact]
    public void What_may_still_appear_is_dropped_once_more_when_it_no_longer_can()
    {
        var doubtful = Ended() with { InDoubtUntil = Some.Noon.AddSeconds(30) };

        Assert.Equal(Some.Noon.AddSeconds(30), RevocationRule.Dropped(doubtful, Some.Noon)!.NextAttemptAt);
        Assert.Null(RevocationRule.Dropped(doubtful, Some.Noon.AddSeconds(30)));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(4, false)]
    [InlineData(4.1, true)]
    [InlineData(30, true)]
    public void The_server_is_told_when_less_than_a_minute_of_its_margin_would_be_left(double later, bool told)
    {
        var validUntil = CredentialRule.ValidUntil(Some.Noon);

        Assert.Equal(told, CredentialRule.MustExtend(Some.Noon.AddMinutes(later), validUntil));
        Assert.False(CredentialRule.MustExtend(Some.Noon.AddDays(9), validUntil: null));
    }

    [Fact]
    public void A_lease_that_the_server_was_not_told_of_ends_a_minute_before_the_account()
    {
        var validUntil = CredentialRule.ValidUntil(Some.Noon);

        Assert.Equal(validUntil.AddMinutes(-1), CredentialRule.WithoutExtension(Some.Noon.AddHours(1), validUntil));
        Assert.Equal(Some.Noon, CredentialRule.WithoutExtension(Some.Noon, validUntil));
    }

    private static Credential Ended() => new()
    {
        Id = "id",
        Workload = Some.Orders,
        Path = SecretPath.Parse("database/creds/orders"),
        Version = 1,
        Role = "orders",
        Account = AccountName.Generate("orders", 63),
        State = CredentialState.Revoking,
        CreatedAt = Some.Noon.AddHours(-1),
        InDoubtUntil = Some.Noon.AddHours(-1),
        EndedAt = Some.Noon,
    };
}
