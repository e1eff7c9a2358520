using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Tests.Leases;
using SidecarAgent.Broker.Watch;

namespace SidecarAgent.Broker.Tests.Watch;

public sealed class RevocationStatusTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static readonly Credential Account = new()
    {
        Id = "lease",
        Workload = Some.Orders,
        Path = SecretPath.Parse("database/creds/orders"),
        Version = 1,
        Role = "orders",
        Account = AccountName.Stored("sa-orders-1"),
        State = CredentialState.Revoking,
        CreatedAt = Some.Noon,
        InDoubtUntil = Some.Noon.AddSeconds(30),
        EndedAt = Some.Noon,
        NextAttemptAt = Some.Noon,
    };

    [Theory]
    [InlineData(false, false, false, 0, true)]
    [InlineData(true, true, false, 0, false)]
    [InlineData(true, true, false, 29.9, false)]
    [InlineData(true, false, false, 1.9, false)]
    [InlineData(true, false, false, 2, true)]
    [InlineData(false, false, true, 29.9, false)]
    [InlineData(true, true, true, 30, true)]
    public void It_is_over_when_all_is_done_or_who_is_left_is_away_or_the_time_is_up(
        bool someoneLeft, bool connected, bool accountLeft, double seconds, bool isOver)
    {
        var status = new RevocationStatus(
            new CutOff("1", CutOffKind.All, "", "", Some.Noon, "local"), [], 1,
            someoneLeft ? [(Some.Orders, connected)] : [], 1, accountLeft ? [Account] : []);

        Assert.Equal(isOver, status.IsOver(TimeSpan.FromSeconds(seconds), Deadline));
    }

    [Fact]
    public void An_account_that_was_dropped_and_is_dropped_once_more_to_be_sure_counts_as_dropped()
    {
        Assert.False(RevocationRule.WasDropped(Account));
        Assert.False(RevocationRule.WasDropped(RevocationRule.Failed(Account, "away", Some.Noon.AddSeconds(1), TimeSpan.FromHours(1), 0.5)));
        Assert.True(RevocationRule.WasDropped(RevocationRule.Dropped(Account, Some.Noon.AddSeconds(1))!));
    }
}
