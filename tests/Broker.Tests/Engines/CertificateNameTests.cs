using SidecarAgent.Broker.Engines.Pki;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Tests.Engines;

public sealed class CertificateNameTests
{
    [Theory]
    [InlineData("dns:{serviceAccount}.{namespace}.svc", "shop", "orders", "orders.shop.svc")]
    [InlineData("dns:*.{namespace}.svc", "shop", "orders", "*.shop.svc")]
    [InlineData("uri:spiffe://td/ns/{namespace}/sa/{serviceAccount}", "shop", "orders", "spiffe://td/ns/shop/sa/orders")]
    [InlineData("dns:{pod}.shop", "shop", "orders", null)]
    [InlineData("dns:{serviceAccount}.svc", "shop", "orders.admin", null)]
    [InlineData("dns:{serviceAccount}.svc", "shop", "*", null)]
    [InlineData("dns:{serviceAccount}.svc", "shop", "orders\0admin", null)]
    [InlineData("dns:{serviceAccount}.svc", "shop", "{namespace}", null)]
    [InlineData("uri:spiffe://td/{serviceAccount}", "shop", "a/../b", null)]
    [InlineData("uri:spiffe://td/{serviceAccount}", "shop", "", null)]
    public void A_name_is_filled_in_or_not_given_at_all(string pattern, string space, string account, string? expected)
    {
        Assert.Null(CertificateName.Parse(pattern, out var name));
        Assert.Equal(expected, name!.For(new Workload("", space, account, null, null, null)));
    }

    [Theory]
    [InlineData("orders.shop")]
    [InlineData("dns:")]
    [InlineData("dns:a..b")]
    [InlineData("dns:{servicAccount}.svc")]
    [InlineData("dns:UPPER")]
    [InlineData("dns:a.*.b")]
    [InlineData("dns:*")]
    [InlineData("dns:*.")]
    [InlineData("dns:*.*.b")]
    [InlineData("dns:*a.b")]
    [InlineData("dns:**.b")]
    [InlineData("ip:10.0.0.1")]
    [InlineData("uri:not a uri")]
    [InlineData("uri:relative")]
    [InlineData("uri:/a/path")]
    public void A_pattern_that_makes_no_name_is_refused_when_it_is_read(string pattern) =>
        Assert.NotNull(CertificateName.Parse(pattern, out _));
}
