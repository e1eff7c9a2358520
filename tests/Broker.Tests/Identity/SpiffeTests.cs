using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Policy;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Identity;

/// <summary>JWT-SVIDs, verified against the trust bundle of their trust domain.</summary>
public sealed class SpiffeTests : IDisposable
{
    private const string Id = "spiffe://prod.example/ns/shop/sa/orders";

    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly SigningKey _key = SigningKey.Es256();
    private readonly SigningKey _certificateKey = SigningKey.Es256();
    private readonly TokenIssuer _cluster = new();

    public SpiffeTests()
    {
        _directory.Write("bundle.json", Bundle((_key, "jwt-svid"), (_certificateKey, "x509-svid")));
        _cluster.WriteJwks(_directory.File("jwks.json"));
    }

    public void Dispose()
    {
        _key.Dispose();
        _certificateKey.Dispose();
        _cluster.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("https://oidc.prod.example")]
    [InlineData("anything")]
    public async Task A_JWT_SVID_is_its_trust_domain_s_whatever_its_issuer(string? issuer)
    {
        var result = Assert.IsType<TokenResult.Verified>(await VerifyAsync(Svid(change: p => p["iss"] = issuer)));

        Assert.Equal((Id, Id, "spiffe://prod.example"), (result.Caller.Workload.Spiffe, result.Caller.Workload.Name, result.Caller.Workload.Issuer));
        Assert.Equal("sa:spiffe://prod.example:/" + "/ns/shop/sa/orders", result.Caller.Workload.Holder);
    }

    [Fact]
    public async Task Only_the_key_of_its_own_trust_domain_made_for_tokens_counts()
    {
        await RefusedAsync(TokenRejection.UnknownKey, Svid(key: _certificateKey));
        await RefusedAsync(TokenRejection.UnknownKey, Svid(key: _cluster.Key));
        await RefusedAsync(TokenRejection.UnknownIssuer, Svid(id: "spiffe://other.example/ns/shop/sa/orders"));
    }

    [Fact]
    public async Task A_cluster_cannot_vouch_for_a_SPIFFE_ID_and_a_trust_domain_not_for_a_service_account()
    {
        await RefusedAsync(TokenRejection.UnknownKey, _cluster.Token(change: p => p["sub"] = Id));
        await RefusedAsync(TokenRejection.UnknownKey, Svid(change: p =>
        {
            foreach (var (name, value) in _cluster.Payload())
                p[name] = value?.DeepClone();
        }));
        // Nor under its own name, where its key is found.
        await RefusedAsync(TokenRejection.Claims, Svid(change: p =>
        {
            foreach (var (name, value) in _cluster.Payload())
                p[name] = value?.DeepClone();
            p["iss"] = "spiffe://prod.example";
        }));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("https://oidc.prod.example")]
    [InlineData("https://cluster.example")]
    public async Task An_operator_s_JWT_SVID_is_its_trust_domain_s_whatever_its_issuer(string? issuer)
    {
        var verifier = new OperatorVerifier(Issuers(), [new AdminSubject("spiffe://prod.example", Id)]);

        Assert.Equal(
            new OperatorResult.Verified(new Operator(Id)),
            await verifier.VerifyAsync(Svid(change: p => p["iss"] = issuer), CancellationToken.None));
        Assert.IsType<OperatorResult.NotAnAdmin>(
            await verifier.VerifyAsync(Svid("spiffe://prod.example/ns/shop/sa/other", change: p => p["iss"] = issuer), CancellationToken.None));
    }

    [Theory]
    [InlineData("spiffe://prod.example")]
    [InlineData("spiffe://prod.example/")]
    [InlineData("spiffe://prod.example/a//b")]
    [InlineData("spiffe://prod.example/a/../b")]
    [InlineData("spiffe://prod.example/a?b")]
    [InlineData("spiffe://prod.example/%61")]
    [InlineData("spiffe://Prod.example/a")]
    [InlineData("spiffe://user@prod.example/a")]
    [InlineData("spiffe://prod.example:8443/a")]
    public async Task What_is_no_SPIFFE_ID_is_refused(string id) => await RefusedAsync(TokenRejection.Claims, Svid(id: id));

    [Fact]
    public async Task Audience_and_end_are_required()
    {
        await RefusedAsync(TokenRejection.Audience, Svid(change: p => p["aud"] = "other"));
        await RefusedAsync(TokenRejection.Claims, Svid(change: p => p.Remove("aud")));
        await RefusedAsync(TokenRejection.Claims, Svid(change: p => p.Remove("exp")));
        await RefusedAsync(TokenRejection.Expired, Svid(change: p => p["exp"] = 1));
    }

    [Theory]
    [InlineData("spiffe://prod.example/ns/shop/sa/orders", true)]
    [InlineData("spiffe://prod.example/ns/*/sa/ord*", true)]
    [InlineData("spiffe://prod.example/ns/*", false)]
    [InlineData("spiffe://prod.example/*/*/*/*", true)]
    [InlineData("spiffe://prod.example/ns/shop/sa/orders/x", false)]
    [InlineData("spiffe://other.example/ns/shop/sa/orders", false)]
    public void A_policy_names_SPIFFE_IDs_by_pattern(string pattern, bool granted)
    {
        var policies = Policies($"{{ spiffe: '{pattern}' }}");

        Assert.Equal(granted, policies.Decide(Orders, SecretPath.Parse("kv/x"), []) is Decision.Allowed);
    }

    [Fact]
    public void A_policy_for_any_service_account_is_not_for_SPIFFE_and_the_other_way_round()
    {
        Assert.IsType<Decision.Refused>(Policies("{ namespace: '*', serviceAccount: '*' }").Decide(Orders, SecretPath.Parse("kv/x"), []));
        Assert.IsType<Decision.Refused>(Policies("{ spiffe: 'spiffe://prod.example/*/*/*/*' }").Decide(
            new Workload("https://cluster", "shop", "orders"), SecretPath.Parse("kv/x"), []));
    }

    [Theory]
    [InlineData("{ spiffe: 'spiffe://*/ns/shop' }")]
    [InlineData("{ spiffe: 'spiffe://prod.example/{namespace}' }")]
    [InlineData("{ spiffe: 'https://prod.example/a' }")]
    [InlineData("{ spiffe: 'spiffe://prod.example/a', namespace: shop }")]
    public void A_pattern_that_cannot_be_meant_is_refused(string subject) =>
        Assert.Throws<SidecarAgent.Yaml.InvalidYamlException>(() => Policies(subject));

    private static Workload Orders => Workload.OfSpiffe("spiffe://prod.example", "/ns/shop/sa/orders");

    private static PolicySet Policies(string subject) => PolicySet.Parse(
        [new PolicyFile("p.yaml", $"policies: [ {{ name: p, subjects: [ {subject} ], grants: [ {{ paths: [ kv/x ] }} ] }} ]")],
        LeaseOptions.Default);

    private static string Bundle(params (SigningKey Key, string Use)[] keys) => new JsonObject
    {
        ["spiffe_sequence"] = 1,
        ["spiffe_refresh_hint"] = 300,
        ["keys"] = new JsonArray([.. keys.Select(key =>
        {
            var jwk = key.Key.PublicJwk();
            jwk["use"] = key.Use;
            return jwk;
        })]),
    }.ToJsonString();

    private string Svid(string id = Id, SigningKey? key = null, Action<JsonObject>? change = null)
    {
        var now = TimeProvider.System.GetUtcNow();
        var payload = new JsonObject
        {
            ["sub"] = id,
            ["aud"] = new JsonArray("sidecar-broker"),
            ["exp"] = now.AddMinutes(5).ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
        };
        change?.Invoke(payload);
        key ??= _key;
        return Jwt.Sign(new JsonObject { ["alg"] = "ES256", ["kid"] = key.KeyId, ["typ"] = "JWT" }, payload, key);
    }

    private async Task RefusedAsync(TokenRejection reason, string token) =>
        Assert.Equal(reason, Assert.IsType<TokenResult.Rejected>(await VerifyAsync(token)).Reason);

    private ValueTask<TokenResult> VerifyAsync(string token) =>
        new TokenVerifier(Issuers(), TimeProvider.System).VerifyAsync(token, CancellationToken.None);

    private TrustedIssuers Issuers() =>
        new(
            [
                new IssuerOptions
                {
                    Issuer = "spiffe://prod.example",
                    Audience = "sidecar-broker",
                    Keys = new KeySource.File(_directory.File("bundle.json")),
                },
                new IssuerOptions
                {
                    Issuer = _cluster.Issuer,
                    Audience = _cluster.Audience,
                    Keys = new KeySource.File(_directory.File("jwks.json")),
                },
            ],
            TimeProvider.System, NullLogger<TrustedIssuers>.Instance);
}
