using SidecarAgent.Webhook.Injection;

namespace SidecarAgent.Webhook.Tests.Injection;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("2m", "0.002")]
    [InlineData("1.5", "1.5")]
    [InlineData("64Mi", "67108864")]
    [InlineData("1k", "1000")]
    [InlineData("2E", "2000000000000000000")]
    [InlineData("1e3", "1000")]
    [InlineData("1E-3", "0.001")]
    [InlineData("10000000000Ei", "11529215046068469760000000000")]
    public void A_quantity_has_the_value_that_Kubernetes_gives_it(string text, string value) =>
        Assert.Equal(decimal.Parse(value, System.Globalization.CultureInfo.InvariantCulture), Quantity.Parse(text).Value);

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1 Mi")]
    [InlineData("1mi")]
    [InlineData("Mi")]
    [InlineData("1e")]
    [InlineData("1e99")]
    [InlineData("10000000001")]
    [InlineData("1.2.3")]
    [InlineData("0x10")]
    [InlineData("١")]
    public void Anything_else_is_none(string text) => Assert.Null(Quantity.TryParse(text));
}
