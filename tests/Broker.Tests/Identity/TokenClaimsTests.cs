using System.Text.Json.Nodes;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Tests.Identity;

public sealed class TokenClaimsTests : AgainstOneIssuer
{
    [Theory]
    [InlineData(-3600, true)]
    [InlineData(-1, true)]
    [InlineData(29, true)]
    [InlineData(30, false)]
    [InlineData(3600, false)]
    public async Task A_token_is_good_until_30_seconds_after_its_end(int secondsAfterEnd, bool good)
    {
        var token = _issuer.Token(change: p => p["exp"] = Now.AddSeconds(-secondsAfterEnd).ToUnixTimeSeconds());

        if (good)
            await AcceptedAsync(token);
        else
            await RefusedAsync(TokenRejection.Expired, token);
    }

    [Theory]
    [InlineData(3600, false)]
    [InlineData(31, false)]
    [InlineData(30, true)]
    [InlineData(0, true)]
    public async Task A_token_is_good_from_30_seconds_before_its_beginning(int secondsBeforeStart, bool good)
    {
        var token = _issuer.Token(change: p => p["nbf"] = Now.AddSeconds(secondsBeforeStart).ToUnixTimeSeconds());

        if (good)
            await AcceptedAsync(token);
        else
            await RefusedAsync(TokenRejection.NotYetValid, token);
    }

    [Fact]
    public async Task A_token_without_a_beginning_is_good_now() =>
        await AcceptedAsync(_issuer.Token(change: p => p.Remove("nbf")));

    [Theory]
    [InlineData("exp", null)]
    [InlineData("exp", "\"4102444800\"")]
    [InlineData("exp", "1e300")]
    [InlineData("exp", "-1")]
    [InlineData("exp", "4102444800.5")]
    [InlineData("exp", "99999999999999")]
    [InlineData("nbf", "\"0\"")]
    [InlineData("aud", null)]
    [InlineData("aud", "5")]
    [InlineData("aud", "[\"sidecar-broker\",5]")]
    [InlineData("iss", null)]
    [InlineData("iss", "[\"https://kubernetes.default.svc.cluster.local\"]")]
    [InlineData("sub", null)]
    [InlineData("sub", "\"\"")]
    [InlineData("sub", "\"system:serviceaccount:shop:admin\"")]
    [InlineData("sub", "\"system:serviceaccount:payments:orders\"")]
    [InlineData("kubernetes.io", null)]
    [InlineData("kubernetes.io", "\"shop\"")]
    [InlineData("kubernetes.io", "{}")]
    [InlineData("kubernetes.io", """{"namespace":"shop"}""")]
    [InlineData("kubernetes.io", """{"serviceaccount":{"name":"orders","uid":"u"}}""")]
    [InlineData("kubernetes.io", """{"namespace":"shop","serviceaccount":"orders"}""")]
    [InlineData("kubernetes.io", """{"namespace":"shop","serviceaccount":{"name":"orders"},"pod":{}}""")]
    [InlineData("kubernetes.io", """{"namespace":"shop","serviceaccount":{"name":"orders"},"pod":{"name":"p"}}""")]
    [InlineData("kubernetes.io", """{"namespace":"shop","serviceaccount":{"name":"orders"},"pod":{"name":"../p","uid":"u"}}""")]
    public async Task A_missing_or_misshapen_claim_is_refused(string name, string? json) =>
        await RefusedAsync(
            TokenRejection.Claims,
            _issuer.Token(change: p =>
            {
                p.Remove(name);
                if (json is not null)
                    p[name] = JsonNode.Parse(json);
            }));

    [Theory]
    [InlineData("*", "orders")]
    [InlineData("shop/*", "orders")]
    [InlineData("..", "orders")]
    [InlineData("Shop", "orders")]
    [InlineData("shop", "orders\n")]
    [InlineData("shop", "-orders")]
    [InlineData("shop", "{namespace}")]
    public async Task A_name_that_Kubernetes_would_not_give_is_refused(string namespaceName, string serviceAccount) =>
        await RefusedAsync(TokenRejection.Claims, _issuer.Token(namespaceName, serviceAccount));

    [Theory]
    [InlineData("[\"other\",\"sidecar-broker\"]", true)]
    [InlineData("\"sidecar-broker\"", true)]
    [InlineData("[]", false)]
    [InlineData("\"other\"", false)]
    [InlineData("[\"sidecar-broker-2\",\"Sidecar-Broker\",\"\"]", false)]
    [InlineData("\"sidecar-broker \"", false)]
    public async Task The_audience_must_be_among_the_token_s(string audience, bool good)
    {
        var token = _issuer.Token(change: p => p["aud"] = JsonNode.Parse(audience));

        if (good)
            await AcceptedAsync(token);
        else
            await RefusedAsync(TokenRejection.Audience, token);
    }

    [Fact]
    public async Task A_wrong_audience_is_explained()
    {
        var message = await RefusedAsync(TokenRejection.Audience, _issuer.Token(change: p => p["aud"] = "vault"));

        Assert.Equal("the token is for the audience vault, expected sidecar-broker", message);
    }

    [Theory]
    [InlineData("https://kubernetes.default.svc.cluster.local/")]
    [InlineData("https://evil.example")]
    [InlineData("HTTPS://kubernetes.default.svc.cluster.local")]
    public async Task Another_issuer_is_refused(string issuer) =>
        await RefusedAsync(TokenRejection.UnknownIssuer, _issuer.Token(change: p => p["iss"] = issuer));
}
