using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Tests.Leases;

public sealed class CutOffTests
{
    [Theory]
    [InlineData("Workload", "shop/orders", true)]
    [InlineData("Workload", "shop/other", false)]
    [InlineData("Workload", "other/orders", false)]
    [InlineData("Pod", "shop/orders-0", true)]
    [InlineData("Pod", "shop/orders-1", false)]
    [InlineData("Pod", "other/orders-0", false)]
    [InlineData("Node", "node1", true)]
    [InlineData("Node", "node11", false)]
    [InlineData("Secret", "kv/shop/db", true)]
    [InlineData("Secret", "kv/shop", false)]
    [InlineData("Namespace", "shop", true)]
    [InlineData("Namespace", "sho", false)]
    [InlineData("All", "", true)]
    public void A_cut_off_covers_whom_it_names(string kind, string target, bool covered) =>
        Assert.Equal(covered, CutOff(Enum.Parse<CutOffKind>(kind), target).Covers(Some.Orders, Some.Db));

    [Fact]
    public void A_workload_whose_pod_and_node_are_not_known_is_not_taken_for_another()
    {
        var unbound = new Workload("https://issuer", "shop", "orders");

        Assert.False(CutOff(CutOffKind.Pod, "shop/orders-0").Covers(unbound, Some.Db));
        Assert.False(CutOff(CutOffKind.Node, "").Covers(unbound, Some.Db));
        Assert.True(CutOff(CutOffKind.Workload, "shop/orders").Covers(unbound, SecretPath.Parse("kv/any")));
    }

    private static CutOff CutOff(CutOffKind kind, string target) => new("id", kind, target, "why", Some.Noon, "local");
}
