using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Policy;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Tests.Policy;

public class PolicySetTests
{
    private const string Issuer = "https://cluster-a";

    private static readonly PolicySet Policies = Parse(
        """
        policies:
          - name: orders
            subjects: [ { namespace: shop, serviceAccount: orders } ]
            grants:
              - { paths: [ kv/shop/orders ], fields: [ username, apiKey ], ttl: 30m, maxTtl: 12h }
              - { paths: [ kv/shop/orders, kv/shop/flags/* ], fields: [ color ] }
              - { paths: [ kv/tree/** ], ttl: 10m }
          - name: everybody
            subjects: [ { namespace: '*', serviceAccount: '*' } ]
            grants:
              - { paths: [ 'kv/{namespace}/own/{serviceAccount}/*', 'kv/pods/{pod}' ] }
          - name: team
            subjects:
              - { namespace: team-*, serviceAccount: '*-job' }
              - { namespace: ops, serviceAccount: deployer, issuer: https://cluster-b }
            grants:
              - { paths: [ kv/team/db-*-main ] }
        """);

    [Theory]
    [InlineData("shop/orders", "kv/shop/orders")]
    [InlineData("shop/orders", "kv/shop/orders", "username")]
    [InlineData("shop/orders", "kv/shop/orders", "username", "color")]
    [InlineData("shop/orders", "kv/shop/flags/blue", "color")]
    [InlineData("shop/orders", "kv/tree/a")]
    [InlineData("shop/orders", "kv/tree/a/b/c/d")]
    [InlineData("shop/orders", "kv/tree/a", "anything")]
    [InlineData("shop/orders", "kv/shop/own/orders/x")]
    [InlineData("shop/orders", "kv/pods/orders-0")]
    [InlineData("shop/other", "kv/shop/own/other/x")]
    [InlineData("team-red/import-job", "kv/team/db-eu-main")]
    [InlineData("team-red/import-job", "kv/team/db--main")]
    [InlineData("team-/-job", "kv/team/db-a-b-main")]
    public void Allow(string caller, string path, params string[] fields)
    {
        var decision = Decide(caller, path, fields);

        Assert.True(decision is Decision.Allowed, decision.Explanation);
    }

    [Theory]
    [InlineData("shop/orders", "kv/shop/orders", "password")]
    [InlineData("shop/orders", "kv/shop/orders", "username", "password")]
    [InlineData("shop/orders", "kv/shop/orders", "USERNAME")]
    [InlineData("shop/orders", "kv/shop/flags/blue", "username")]
    [InlineData("shop/orders", "kv/shop/Orders")]
    [InlineData("shop/orders", "kv/shop/orders2")]
    [InlineData("shop/orders", "kv/shop/orders/x")]
    [InlineData("shop/orders", "kv/shop")]
    [InlineData("shop/orders", "KV/shop/orders")]
    [InlineData("shop/orders", "kv2/shop/orders")]
    [InlineData("shop/orders", "kv/shop/flags/blue/dark")]
    [InlineData("shop/orders", "kv/shop/flags")]
    [InlineData("shop/orders", "kv/tree")]
    [InlineData("shop/orders", "kv/other/own/orders/x")]
    [InlineData("shop/orders", "kv/shop/own/other/x")]
    [InlineData("shop/orders", "kv/shop/own/orders/x/y")]
    [InlineData("shop/orders", "kv/pods/orders-1")]
    [InlineData("shop/orders2", "kv/shop/orders")]
    [InlineData("shopping/orders", "kv/shop/orders")]
    [InlineData("other/orders", "kv/shop/orders")]
    [InlineData("team-red/import-job", "kv/team/db-main")]
    [InlineData("team-red/import-job", "kv/team/xdb-eu-main")]
    [InlineData("team-red/import-job", "kv/team/db-eu-mainx")]
    [InlineData("team-red/import", "kv/team/db-eu-main")]
    [InlineData("team/import-job", "kv/team/db-eu-main")]
    [InlineData("ops/deployer", "kv/team/db-eu-main")]
    public void Deny(string caller, string path, params string[] fields)
    {
        var decision = Decide(caller, path, fields);

        Assert.True(decision is Decision.Refused, decision.Explanation);
    }

    [Fact]
    public void Without_policies_everything_is_refused()
    {
        var decision = PolicySet.Empty.Decide(Caller("shop/orders"), SecretPath.Parse("kv/a"), []);

        Assert.Equal("no policy names shop/orders", Assert.IsType<Decision.Refused>(decision).Explanation);
    }

    [Fact]
    public void A_subject_with_an_issuer_is_nobody_of_another_issuer()
    {
        var path = SecretPath.Parse("kv/team/db-eu-main");

        Assert.IsType<Decision.Refused>(Policies.Decide(new Workload("https://cluster-a", "ops", "deployer"), path, []));
        Assert.IsType<Decision.Allowed>(Policies.Decide(new Workload("https://cluster-b", "ops", "deployer"), path, []));
    }

    [Fact]
    public void A_caller_without_a_pod_gets_nothing_that_is_granted_by_pod()
    {
        var caller = new Workload(Issuer, "shop", "orders");

        Assert.IsType<Decision.Refused>(Policies.Decide(caller, SecretPath.Parse("kv/pods/orders-0"), []));
    }

    [Fact]
    public void A_name_cannot_bring_a_wildcard_or_a_slash_into_a_pattern()
    {
        foreach (var hostile in new[] { "*", "**", "shop/own/orders/x", "a/**", "{namespace}", "..", "" })
        {
            var caller = new Workload(Issuer, hostile, hostile, hostile, "uid");
            foreach (var path in new[] { "kv/shop/own/orders/x", "kv/pods/orders-0", "kv/pods/x", "kv/shop/orders" })
                Assert.IsType<Decision.Refused>(Policies.Decide(caller, SecretPath.Parse(path), []));
        }
    }

    [Fact]
    public void Fields_of_all_matching_grants_add_up_and_the_shortest_times_hold()
    {
        var allowed = Assert.IsType<Decision.Allowed>(Decide("shop/orders", "kv/shop/orders"));

        Assert.Equal(["apiKey", "color", "username"], allowed.Fields!.Order());
        Assert.Equal(TimeSpan.FromMinutes(30), allowed.Ttl);
        Assert.Equal(TimeSpan.FromHours(12), allowed.MaxTtl);
        Assert.Equal("orders", allowed.Policy);
        Assert.Equal(
            "allowed by policy 'orders', grant 1 (test.yaml) and policy 'orders', grant 2 (test.yaml)", allowed.Explanation);
    }

    [Fact]
    public void Fields_asked_for_by_name_rest_only_on_the_grants_that_give_them()
    {
        var allowed = Assert.IsType<Decision.Allowed>(Decide("shop/orders", "kv/shop/orders", "color"));

        Assert.Equal(["color"], allowed.Fields!);
        Assert.Equal(TimeSpan.FromHours(1), allowed.Ttl);
        Assert.Equal(TimeSpan.FromHours(24), allowed.MaxTtl);
        Assert.Equal("allowed by policy 'orders', grant 2 (test.yaml)", allowed.Explanation);
    }

    [Fact]
    public void A_grant_without_fields_gives_all_of_them()
    {
        var allowed = Assert.IsType<Decision.Allowed>(Decide("shop/orders", "kv/tree/a"));

        Assert.Null(allowed.Fields);
        Assert.Equal(TimeSpan.FromMinutes(10), allowed.Ttl);
    }

    [Theory]
    [InlineData("ops/deployer", "kv/other/x", "",
        "no policy that names ops/deployer (everybody) grants kv/other/x")]
    [InlineData("shop/orders", "kv/shop/orders", "password",
        "the field 'password' of kv/shop/orders is not granted to shop/orders by policy 'orders', grant 1 (test.yaml) and policy 'orders', grant 2 (test.yaml)")]
    [InlineData("shop/orders", "kv/shop/flags/blue", "a\nb\u001b[31m",
        "the field 'a?b?[31m' of kv/shop/flags/blue is not granted to shop/orders by policy 'orders', grant 2 (test.yaml)")]
    public void A_refusal_says_what_is_missing(string caller, string path, string field, string expected) =>
        Assert.Equal(expected, Decide(caller, path, field.Length == 0 ? [] : [field]).Explanation);

    [Fact]
    public void Times_that_a_grant_leaves_out_are_the_configured_ones_within_its_maximum()
    {
        var policies = PolicySet.Parse(
            [
                new PolicyFile("test.yaml",
                    """
                    policies:
                      - name: p
                        subjects: [ { namespace: shop, serviceAccount: orders } ]
                        grants:
                          - { paths: [ kv/a ] }
                          - { paths: [ kv/b ], maxTtl: 5m }
                          - { paths: [ kv/c ], ttl: 5m }
                    """),
            ],
            new LeaseOptions(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(40)));

        Assert.Equal((10, 40), Minutes(policies, "kv/a"));
        Assert.Equal((5, 5), Minutes(policies, "kv/b"));
        Assert.Equal((5, 40), Minutes(policies, "kv/c"));
    }

    private static (double Ttl, double MaxTtl) Minutes(PolicySet policies, string path)
    {
        var allowed = (Decision.Allowed)policies.Decide(Caller("shop/orders"), SecretPath.Parse(path), []);
        return (allowed.Ttl.TotalMinutes, allowed.MaxTtl.TotalMinutes);
    }

    private static Decision Decide(string caller, string path, params string[] fields) =>
        Policies.Decide(Caller(caller), SecretPath.Parse(path), fields);

    private static Workload Caller(string name)
    {
        var slash = name.IndexOf('/');
        return new Workload(Issuer, name[..slash], name[(slash + 1)..], "orders-0", "uid", "node1");
    }

    private static PolicySet Parse(string text) =>
        PolicySet.Parse([new PolicyFile("test.yaml", text)], LeaseOptions.Default);
}
