using SidecarAgent.Webhook.Certificates;
using SidecarAgent.Webhook.Tests.Kit;

namespace SidecarAgent.Webhook.Tests.Certificates;

public sealed class RenewalRuleTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CertifiedKey Old = Issuer.Authority(Start);
    private static readonly CertifiedKey New = Issuer.Authority(Start.AddDays(240));
    private static readonly CertifiedKey OldLeaf = Issuer.Leaf(Old, [Registrations.DnsName], Start);
    private static readonly CertificateSecret Settled = new() { Authority = Old, Leaf = OldLeaf };

    [Fact]
    public void Without_a_webhook_configuration_nothing_can_be_done() =>
        Assert.IsType<RenewalStep.Wait>(Decide(CertificateSecret.Empty, WebhookRegistration.Missing));

    [Fact]
    public void At_the_very_first_an_authority_is_written_before_anything_trusts_it()
    {
        var step = Assert.IsType<RenewalStep.Prepare>(Decide(CertificateSecret.Empty, Registrations.Trusting()));

        Assert.Equal(CertificateSecret.Empty, step.Keep with { Previous = CertificateSecret.Empty.Previous });
        Assert.Empty(step.Keep.Previous);
    }

    [Fact]
    public void A_lost_Secret_keeps_what_is_trusted_for_those_who_still_answer_with_it()
    {
        var step = Assert.IsType<RenewalStep.Prepare>(Decide(CertificateSecret.Empty, Trusting(Old)));

        Assert.Equal([Old.Certificate.Thumbprint], step.Keep.Previous.Select(c => c.Thumbprint));
    }

    [Fact]
    public void What_is_trusted_is_kept_too_if_only_the_next_authority_survived()
    {
        var step = Assert.IsType<RenewalStep.Tidy>(Decide(new CertificateSecret { Next = New }, Trusting(Old)));

        Assert.Equal([Old.Certificate.Thumbprint], step.Keep.Previous.Select(c => c.Thumbprint));
        Assert.Same(New, step.Keep.Next);
    }

    [Fact]
    public void The_next_authority_is_announced_beside_the_one_in_use()
    {
        var step = Assert.IsType<RenewalStep.Announce>(Decide(Settled with { Next = New }, Trusting(Old)));

        Assert.Equal([New.Certificate.Thumbprint, Old.Certificate.Thumbprint], step.Authorities.Select(c => c.Thumbprint));
    }

    [Fact]
    public void One_webhook_of_several_that_does_not_trust_it_is_enough_to_announce_it_again()
    {
        var both = Trusting(Old);
        var one = both with { Entries = [both.Entries[0], both.Entries[1] with { Trusted = [] }] };

        Assert.IsType<RenewalStep.Announce>(Decide(Settled, one));
    }

    [Theory]
    [InlineData(true, 0, false)]
    [InlineData(true, 59, false)]
    [InlineData(true, 60, true)]
    [InlineData(false, 0, true)]
    public void The_leaf_changes_when_API_servers_had_time_to_see_its_authority_or_when_there_is_none_to_lose(
        bool isServing, int seconds, bool changes)
    {
        var step = Decide(Settled with { Next = New }, Trusting(New, Old), trustedFor: seconds, isServing: isServing);

        if (!changes)
        {
            Assert.IsType<RenewalStep.Wait>(step);
            return;
        }

        var issue = Assert.IsType<RenewalStep.Issue>(step);
        Assert.Equal((New, null, null), (issue.Keep.Authority, issue.Keep.Next, issue.Keep.Leaf));
        Assert.Equal([Old.Certificate.Thumbprint], issue.Keep.Previous.Select(c => c.Thumbprint));
        Assert.Equal([Registrations.DnsName], issue.DnsNames);
    }

    [Fact]
    public void A_leaf_is_renewed_at_two_thirds_of_its_life_by_the_same_authority()
    {
        Assert.IsType<RenewalStep.Wait>(Decide(Settled, Trusting(Old), OldLeaf.RenewAt.AddSeconds(-1)));

        var step = Assert.IsType<RenewalStep.Issue>(Decide(Settled, Trusting(Old), OldLeaf.RenewAt));
        Assert.Same(Old, step.Keep.Authority);
        Assert.InRange(OldLeaf.RenewAt, Start.AddDays(59), Start.AddDays(61));
    }

    [Fact]
    public void An_authority_is_replaced_at_two_thirds_of_its_life()
    {
        var fresh = Settled with { Leaf = Issuer.Leaf(Old, [Registrations.DnsName], Old.RenewAt.AddDays(-1)) };

        Assert.IsType<RenewalStep.Wait>(Decide(fresh, Trusting(Old), Old.RenewAt.AddSeconds(-1)));
        Assert.IsType<RenewalStep.Prepare>(Decide(fresh, Trusting(Old), Old.RenewAt));
    }

    [Fact]
    public void No_leaf_outlives_its_authority() =>
        Assert.True(Issuer.Leaf(Old, ["a.b.svc"], Old.RenewAt.AddSeconds(-1)).NotAfter < Old.NotAfter);

    [Fact]
    public void A_leaf_for_another_service_is_made_anew()
    {
        var renamed = Settled with { Leaf = Issuer.Leaf(Old, ["other.sidecar-agent.svc"], Start) };

        Assert.IsType<RenewalStep.Issue>(Decide(renamed, Trusting(Old)));
    }

    [Fact]
    public void A_leaf_made_by_a_clock_that_was_ahead_is_made_anew() =>
        Assert.IsType<RenewalStep.Issue>(Decide(
            Settled with { Leaf = Issuer.Leaf(Old, [Registrations.DnsName], Start.AddDays(100)) }, Trusting(Old)));

    [Fact]
    public void The_previous_authority_goes_a_day_after_the_leaf_changed()
    {
        var leaf = Issuer.Leaf(New, [Registrations.DnsName], Start.AddDays(241));
        var changed = new CertificateSecret { Authority = New, Leaf = leaf, Previous = [Old.Certificate] };

        Assert.IsType<RenewalStep.Wait>(Decide(changed, Trusting(New, Old), Start.AddDays(242).AddSeconds(-1)));
        var step = Assert.IsType<RenewalStep.Tidy>(Decide(changed, Trusting(New, Old), Start.AddDays(242)));
        Assert.Empty(step.Keep.Previous);
        var announce = Assert.IsType<RenewalStep.Announce>(Decide(step.Keep, Trusting(New, Old), Start.AddDays(242)));
        Assert.Equal([New.Certificate.Thumbprint], announce.Authorities.Select(c => c.Thumbprint));
    }

    [Fact]
    public void An_authority_that_has_ended_goes_at_once()
    {
        var changed = new CertificateSecret
        {
            Authority = New,
            Leaf = Issuer.Leaf(New, [Registrations.DnsName], Start.AddDays(365)),
            Previous = [Old.Certificate],
        };

        Assert.IsType<RenewalStep.Tidy>(Decide(changed, Trusting(New, Old), Start.AddDays(365).AddHours(1)));
    }

    [Fact]
    public void Rubbish_beside_what_is_in_use_is_taken_out()
    {
        var step = Assert.IsType<RenewalStep.Tidy>(Decide(Settled with { Problems = ["next-ca.crt is no authority"] }, Trusting(Old)));

        Assert.Same(OldLeaf, step.Keep.Leaf);
    }

    private static WebhookRegistration Trusting(params CertifiedKey[] authorities) =>
        Registrations.Trusting(authorities.Select(authority => authority.Certificate));

    private static RenewalStep Decide(
        CertificateSecret secret, WebhookRegistration registration, DateTimeOffset? now = null, int trustedFor = 3600, bool isServing = true) =>
        RenewalRule.Decide(new RenewalFacts(now ?? Start.AddHours(2), secret, registration, TimeSpan.FromSeconds(trustedFor), isServing));
}
