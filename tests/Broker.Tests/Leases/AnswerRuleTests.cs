using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Tests.Leases;

public sealed class AnswerRuleTests
{
    private static readonly Access All = new Access.Granted(null, Some.Terms);
    private static readonly Access CutOff = new Access.Refused(new Denial(DenialReason.CutOff, "cut off"));
    private static readonly string[] Both = ["password", "user"];

    [Fact]
    public void Without_a_lease_a_new_one_begins_on_the_active_version()
    {
        var issue = Assert.IsType<Answer.Issue>(Decide(Standing.Nothing, All, Stored(version: 7)));

        Assert.True(issue.IsNew);
        Assert.Null(issue.Replaced);
        Assert.Equal("fresh", issue.Lease.Id);
        Assert.Equal(7UL, issue.Lease.Version);
        Assert.Equal(Both, issue.Lease.Fields);
        Assert.Equal(Some.Noon.AddHours(1), issue.Lease.ExpiresAt);
        Assert.Equal(Some.Noon.AddHours(24), issue.Lease.MaxExpiresAt);
    }

    [Fact]
    public void A_holder_without_the_values_gets_them_under_the_lease_that_it_has()
    {
        var issue = Assert.IsType<Answer.Issue>(Decide(Standing.Nothing, All, Stored(lease: Some.Lease())));

        Assert.False(issue.IsNew);
        Assert.Equal("lease", issue.Lease.Id);
    }

    [Fact]
    public void A_holder_that_claims_the_active_version_under_its_live_lease_is_confirmed()
    {
        var confirm = Assert.IsType<Answer.Confirm>(Decide(Claims("lease", 1), All, Stored(lease: Some.Lease())));

        Assert.Equal("lease", confirm.Lease.Id);
        Assert.False(confirm.Extended);
    }

    [Fact]
    public void A_holder_that_comes_back_late_in_its_lease_is_confirmed_for_longer()
    {
        var now = Some.Noon.AddMinutes(50);

        var confirm = Assert.IsType<Answer.Confirm>(Decide(Claims("lease", 1), All, Stored(lease: Some.Lease()), now: now));

        Assert.True(confirm.Extended);
        Assert.Equal(now.AddHours(1), confirm.Lease.ExpiresAt);
    }

    [Fact]
    public void A_stream_that_looks_again_does_not_extend_the_lease()
    {
        var standing = new Standing(new HeldVersion("lease", 1, Both));

        var confirm = Assert.IsType<Answer.Confirm>(
            Decide(standing, All, Stored(lease: Some.Lease()), now: Some.Noon.AddMinutes(59)));

        Assert.False(confirm.Extended);
        Assert.Equal(Some.Noon.AddHours(1), confirm.Lease.ExpiresAt);
    }

    [Theory]
    [InlineData("another", 1UL)]
    [InlineData("lease", 2UL)]
    public void A_claim_of_another_lease_or_version_is_not_confirmed(string leaseId, ulong version) =>
        Assert.IsType<Answer.Issue>(Decide(Claims(leaseId, version), All, Stored(lease: Some.Lease())));

    [Fact]
    public void A_claim_is_not_confirmed_if_other_fields_are_granted_by_now()
    {
        var onlyUser = new Access.Granted(new HashSet<string> { "user" }, Some.Terms);

        var issue = Assert.IsType<Answer.Issue>(Decide(Claims("lease", 1), onlyUser, Stored(lease: Some.Lease())));

        Assert.Equal(["user"], issue.Lease.Fields);
    }

    [Fact]
    public void A_lease_that_is_worn_out_is_replaced()
    {
        var worn = Some.Lease(hours: 20);

        var issue = Assert.IsType<Answer.Issue>(Decide(Claims("lease", 1), All, Stored(lease: worn), now: Some.Noon.AddHours(17)));

        Assert.True(issue.IsNew);
        Assert.Equal("lease", issue.Replaced);
    }

    [Fact]
    public void Only_wanted_and_granted_fields_are_given()
    {
        var onlyUser = new Access.Granted(new HashSet<string> { "user", "other" }, Some.Terms);

        var issue = Assert.IsType<Answer.Issue>(Decide(Standing.Nothing, onlyUser, Stored()));

        Assert.Equal(["user"], issue.Lease.Fields);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Where_nothing_is_or_nothing_is_active_it_is_not_found(bool inactive)
    {
        var facts = inactive ? new Facts(new SecretHead(Some.Db, 1, 0, null), [], null) : new Facts(null, [], null);

        Assert.Equal(DenialReason.NotFound, Assert.IsType<Answer.Deny>(Decide(Standing.Nothing, All, facts)).Denial.Reason);
    }

    [Fact]
    public void A_field_that_is_not_there_is_named()
    {
        var deny = Assert.IsType<Answer.Deny>(Decide(Standing.Nothing, All, Stored(), ["passwort"]));

        Assert.Equal(DenialReason.FieldNotFound, deny.Denial.Reason);
        Assert.Contains("passwort", deny.Denial.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_holds_nothing_is_denied_and_who_holds_something_loses_it()
    {
        Assert.IsType<Answer.Deny>(Decide(Standing.Nothing, CutOff, Stored()));
        Assert.Equal("lease", Assert.IsType<Answer.Revoke>(Decide(Claims("lease", 1), CutOff, Stored())).LeaseId);

        // A new version without the wanted field takes nothing away: the old one is still good.
        Assert.IsType<Answer.Deny>(Decide(Claims("lease", 1), All, Stored(version: 2), ["gone"]));
    }

    [Fact]
    public void What_was_said_before_counts_as_repeated()
    {
        Assert.True(Assert.IsType<Answer.Deny>(Decide(new Standing(null, DenialReason.CutOff), CutOff, Stored())).Repeated);
        Assert.False(Assert.IsType<Answer.Deny>(Decide(new Standing(null, DenialReason.NoGrant), CutOff, Stored())).Repeated);
    }

    [Fact]
    public void Where_each_holder_has_a_version_of_its_own_one_is_made_for_a_holder_without()
    {
        var make = Assert.IsType<Answer.Make>(Decide(Standing.Nothing, All, Made()));

        Assert.Equal((0UL, "fresh", Some.Noon.AddHours(1)), (make.After, make.Lease.Id, make.Lease.ExpiresAt));
        Assert.Equal(Both, make.Lease.Fields);
    }

    [Fact]
    public void One_that_has_a_version_gets_it_again_and_another_when_its_lease_is_worn_out()
    {
        var again = Assert.IsType<Answer.Issue>(Decide(Standing.Nothing, All, Made(Some.Lease(version: 7))));
        var next = Assert.IsType<Answer.Make>(
            Decide(Claims("lease", 7), All, Made(Some.Lease(version: 7, hours: 20)), now: Some.Noon.AddHours(17)));

        Assert.Equal((7UL, false), (again.Lease.Version, again.IsNew));
        Assert.Equal(7UL, next.After);
    }

    [Fact]
    public void If_none_can_be_made_a_holder_keeps_what_it_has_or_gets_what_it_has_lost()
    {
        var why = new NotMade("away", TimeSpan.FromSeconds(5));
        var worn = Made(Some.Lease(version: 7, hours: 20)) with { NotMade = why };
        var late = Some.Noon.AddHours(17);

        Assert.Equal(why, Assert.IsType<Answer.Fail>(Decide(Standing.Nothing, All, Made() with { NotMade = why })).Why);
        Assert.Equal(why, Assert.IsType<Answer.Fail>(Decide(Claims("lease", 7), All, worn, now: late)).Why);
        Assert.Equal("lease", Assert.IsType<Answer.Issue>(Decide(Standing.Nothing, All, worn, now: late)).Lease.Id);
        Assert.Equal("lease", Assert.IsType<Answer.Issue>(Decide(Claims("lease", 0), All, worn, now: late)).Lease.Id);
    }

    [Fact]
    public void The_engine_says_what_there_is_instead()
    {
        var nothing = new Facts(null, [], null) { Missing = "there is only that" };

        Assert.Equal("there is only that", Assert.IsType<Answer.Deny>(Decide(Standing.Nothing, All, nothing)).Denial.Message);
    }

    private static Facts Made(Lease? lease = null) =>
        new(new SecretHead(Some.Db, lease?.Version ?? 0, lease?.Version ?? 0, lease?.IssuedAt), Both, lease) { IsMade = true };

    private static Answer Decide(
        Standing standing, Access access, Facts facts, string[]? fields = null, DateTimeOffset? now = null) =>
        AnswerRule.Decide(Some.Orders, new Wish(Some.Db, fields ?? [], standing), access, facts, "fresh", now ?? Some.Noon);

    private static Standing Claims(string leaseId, ulong version) => new(new HeldVersion(leaseId, version, Fields: null));

    private static Facts Stored(ulong version = 1, Lease? lease = null) =>
        new(new SecretHead(Some.Db, version, version, Some.Noon), Both, lease);
}
