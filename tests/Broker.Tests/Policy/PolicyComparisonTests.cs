using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Policy;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Tests.Leases;

namespace SidecarAgent.Broker.Tests.Policy;

public sealed class PolicyComparisonTests
{
    private static readonly PolicySet Now = Set("kv/shop/*");

    [Fact]
    public void The_same_policies_take_nothing_away()
    {
        Assert.Empty(Losses(Now, Now));
    }

    [Fact]
    public void A_path_that_is_not_granted_any_more_is_lost_whole_and_the_reason_says_what_is_missing()
    {
        var loss = Assert.Single(Losses(Now, Set("kv/other/*")));

        Assert.Equal((Some.Db, 1), (loss.Path, loss.Leases));
        Assert.Empty(loss.Fields);
        Assert.Equal("no policy that names shop/orders (p) grants kv/shop/db", loss.Reason);
    }

    [Fact]
    public void Fields_that_are_not_granted_any_more_are_lost_and_others_are_kept()
    {
        var loss = Assert.Single(Losses(Now, Set("kv/shop/*", "[ user, more ]")));

        Assert.Equal(["password"], loss.Fields);
    }

    [Fact]
    public void Fields_that_the_holder_was_never_given_are_no_loss()
    {
        Assert.Empty(Losses(Set("kv/shop/*", "[ user ]"), Set("kv/shop/*", "[ user ]")));
        Assert.Empty(Losses(Set("kv/shop/*"), Set("kv/shop/*", "[ user, password ]")));
    }

    [Fact]
    public void What_is_refused_already_is_no_loss()
    {
        Assert.Empty(Losses(PolicySet.Empty, PolicySet.Empty));
    }

    [Fact]
    public void Pods_of_one_workload_are_one_loss_with_a_number()
    {
        var comparison = new PolicyComparison(Now, PolicySet.Empty);
        for (var i = 0; i < 50; i++)
            comparison.Add(Some.Lease($"lease{i}") with { Workload = Some.Pod($"uid-{i}", $"orders-{i}") });

        Assert.Equal(50, Assert.Single(comparison.Losses).Leases);
        Assert.Equal(50, comparison.Leases);
    }

    [Fact]
    public void A_policy_that_names_pods_takes_from_those_alone()
    {
        var then = Set("kv/shop/db", subject: "{ namespace: shop, serviceAccount: orders }", path: "'kv/shop/{pod}'");
        var comparison = new PolicyComparison(Now, then);
        foreach (var pod in (string[])["db", "orders-1"])
            comparison.Add(Some.Lease(pod) with { Workload = Some.Pod(pod, pod) });

        Assert.Equal(1, Assert.Single(comparison.Losses).Leases);
    }

    [Fact]
    public void Of_very_many_losses_some_are_kept_and_it_is_said_that_there_are_more()
    {
        var comparison = new PolicyComparison(Now, PolicySet.Empty);
        for (var i = 0; i <= PolicyComparison.MaxLosses; i++)
            comparison.Add(Some.Lease() with { Path = SecretPath.Parse($"kv/shop/s{i}") });

        Assert.Equal(PolicyComparison.MaxLosses, comparison.Losses.Count());
        Assert.True(comparison.IsTruncated);
    }

    private static List<PolicyLoss> Losses(PolicySet now, PolicySet then)
    {
        var comparison = new PolicyComparison(now, then);
        comparison.Add(Some.Lease());
        return [.. comparison.Losses];
    }

    private static PolicySet Set(
        string paths, string? fields = null, string subject = "{ namespace: shop, serviceAccount: orders }", string? path = null) =>
        PolicySet.Parse(
            [
                new PolicyFile("p.yaml", $$"""
                    policies:
                      - name: p
                        subjects: [ {{subject}} ]
                        grants: [ { paths: [ {{path ?? paths}} ]{{(fields is null ? "" : $", fields: {fields}")}} } ]
                    """),
            ],
            LeaseOptions.Default);
}
