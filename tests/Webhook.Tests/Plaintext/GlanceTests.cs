using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using SidecarAgent.Webhook.Plaintext;

namespace SidecarAgent.Webhook.Tests.Plaintext;

public sealed class GlanceTests
{
    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.Const("password"), Gen.Const("PassWord"), Gen.Const("="), Gen.Const(";"), Gen.Const(":"), Gen.Const("\""), Gen.Const("://a:b@c"), Gen.Const("eyJhbGciOiJSUzI1NiJ9"),
        Gen.Const(".eyJzdWIiOiIxMjM0NTY3ODkwIn0."), Gen.Const("AKIAIOSFODNN7EXAMPLE"), Gen.Const("-----BEGIN PRIVATE KEY-----"), Gen.Const("u:p@tcp(h)"), Gen.Const("_"),
        Gen.Const("api"), Gen.Const("key"), Gen.Const("token"), Gen.Const("é"), Gen.Const("\\"), Gen.String[Gen.Char["aB3/_-+="], 0, 30]).Array[0, 5].Select(string.Concat);

    /// <summary>It may see more than there is, and never less.</summary>
    [Fact]
    public void Whatever_would_be_found_is_seen() => Gen.Select(Text, Text).Sample((name, value) =>
    {
        var isSecret = SecretValue.Find(value) is not null || SecretValue.LooksRandom(value) || SecretName.IsOfASecret(name);
        var variables = JsonElement.Parse(new JsonArray(new JsonObject { ["name"] = name, ["value"] = value }).ToJsonString());

        Assert.True(!isSecret || Glance.SeesAnythingIn(variables), $"{name}={value} is a secret, and nothing was seen");
    }, iter: 20_000);

    [Theory]
    [InlineData("""[{"name":"LOG_LEVEL","value":"info"},{"name":"HOST","value":"orders.shop.svc.cluster.local"}]""", false)]
    [InlineData("""[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}]""", false)]
    [InlineData("""[{"name":"A","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}]""", true)]
    [InlineData("""[{"name":"A","value":"\u0070w"}]""", true)]
    [InlineData("[]", false)]
    public void Ordinary_variables_need_no_second_look(string variables, bool seen) =>
        Assert.Equal(seen, Glance.SeesAnythingIn(JsonElement.Parse(variables)));
}
