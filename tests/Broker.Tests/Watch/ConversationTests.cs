using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Tests.Leases;
using SidecarAgent.Broker.Watch;

namespace SidecarAgent.Broker.Tests.Watch;

public sealed class ConversationTests
{
    private readonly Conversation _conversation = new([new Wish(Some.Db, [], Standing.Nothing)]);

    [Fact]
    public void What_is_said_once_is_not_said_again()
    {
        Assert.Single(Note(Issued(Some.Lease())));
        Assert.Empty(Note(new Outcome.Confirmed(Some.Lease())));
        Assert.Single(Note(new Outcome.Revoked(new Denial(DenialReason.CutOff, ""))));
        Assert.Empty(Note(Denied(DenialReason.CutOff)));
        Assert.Single(Note(Denied(DenialReason.NoGrant)));
        Assert.Empty(Note(Denied(DenialReason.NoGrant)));
    }

    [Fact]
    public void A_claim_is_confirmed_once()
    {
        var claimed = new Conversation([new Wish(Some.Db, [], new Standing(new HeldVersion("lease", 1, null)))]);

        Assert.Single(claimed.Note([new Outcome.Confirmed(Some.Lease())], Some.Noon));
        Assert.Empty(claimed.Note([new Outcome.Confirmed(Some.Lease())], Some.Noon));
    }

    [Fact]
    public void What_a_holder_has_is_remembered_through_a_denial_that_takes_nothing_away()
    {
        Note(Issued(Some.Lease()));
        Note(Denied(DenialReason.FieldNotFound));

        Assert.Equal("lease", _conversation.Wishes.Single().Standing.Held!.LeaseId);

        // Back to the version that it has: it was told otherwise, so it must hear of it.
        Assert.Single(Note(new Outcome.Confirmed(Some.Lease())));
    }

    [Fact]
    public void It_looks_again_when_a_lease_wears_out_and_after_a_failure()
    {
        Note(Issued(Some.Lease()));
        Assert.Equal(Some.Noon.AddHours(16), _conversation.LookAgainAt);

        Note(new Outcome.Failed("no", TimeSpan.FromSeconds(30)));
        Assert.Equal(Some.Noon.AddSeconds(30), _conversation.LookAgainAt);
        Assert.Equal("lease", _conversation.Wishes.Single().Standing.Held!.LeaseId);

        Note(Denied(DenialReason.NotFound));
        Assert.Null(_conversation.LookAgainAt);
    }

    [Fact]
    public void A_released_lease_is_forgotten_with_its_wish_and_another_is_not()
    {
        Note(Issued(Some.Lease()));

        _conversation.Forget(["other"]);
        Assert.Single(_conversation.Wishes);
        _conversation.Forget(["lease"]);
        Assert.Empty(_conversation.Wishes);
    }

    private IReadOnlyList<(Broker.Secrets.SecretPath Path, Outcome Outcome)> Note(Outcome outcome) =>
        _conversation.Note([outcome], Some.Noon);

    private static Outcome.Issued Issued(Lease lease) => new(lease, Some.Noon, []);

    private Outcome.Denied Denied(DenialReason reason) => new(
        new Denial(reason, ""), Repeated: _conversation.Wishes.Single().Standing.Told == reason);
}
