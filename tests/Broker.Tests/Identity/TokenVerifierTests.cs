using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Identity;

public sealed class TokenVerifierTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly FakeTimeProvider _clock = new(Now);
    private readonly TokenIssuer _issuer;
    private readonly TrustedIssuers _issuers;
    private readonly TokenVerifier _verifier;

    public TokenVerifierTests()
    {
        _issuer = new TokenIssuer(clock: _clock);
        _issuer.WriteJwks(KeyFile);
        _issuers = new TrustedIssuers([Options(_issuer, KeyFile)], _clock, NullLogger<TrustedIssuers>.Instance);
        _verifier = new TokenVerifier(_issuers, _clock);
    }

    private string KeyFile => _directory.File("jwks.json");

    public void Dispose()
    {
        _issuer.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_pod_s_token_names_its_workload()
    {
        var caller = await AcceptedAsync(_issuer.Token("shop", "orders", "orders-0", podUid: "6f0c-1", node: "node7"));

        Assert.Equal(
            new Workload(_issuer.Issuer, "shop", "orders", "orders-0", "6f0c-1", "node7"), caller.Workload);
        Assert.Equal(Now + TimeSpan.FromHours(1), caller.TokenExpiresAt);
    }

    [Fact]
    public async Task A_token_that_is_bound_to_no_pod_names_the_service_account()
    {
        var caller = await AcceptedAsync(_issuer.Token(pod: null));

        Assert.Equal(new Workload(_issuer.Issuer, "shop", "orders"), caller.Workload);
    }

    [Fact]
    public async Task A_real_cluster_s_token_is_verified()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1795384300));
        var options = new IssuerOptions
        {
            Issuer = "https://kubernetes.default.svc.cluster.local",
            Audience = "sidecar-broker",
            Keys = new KeySource.File(Recorded("jwks.json")),
        };
        var issuers = new TrustedIssuers([options], clock, NullLogger<TrustedIssuers>.Instance);
        var token = (await File.ReadAllTextAsync(Recorded("projected-token.jwt"))).Trim();

        var result = await new TokenVerifier(issuers, clock).VerifyAsync(token, CancellationToken.None);

        Assert.Equal(
            new Workload(
                options.Issuer, "shop", "default", "design2", "309c0da9-fa96-4929-b7af-5a7d77a5779b", "node1"),
            Assert.IsType<TokenResult.Verified>(result).Caller.Workload);
    }

    [Fact]
    public async Task An_RSA_token_is_verified()
    {
        _issuer.RotateKey(SigningKey.Rs256(), keepOld: true);
        _issuer.WriteJwks(KeyFile);

        await AcceptedAsync(_issuer.Token());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task No_token_is_refused(string? token) => await RefusedAsync(TokenRejection.Missing, token);

    [Fact]
    public async Task A_token_over_the_limit_is_refused_with_its_size()
    {
        var message = await RefusedAsync(TokenRejection.Oversize, _issuer.Token(change: p => p["x"] = new string('x', 12_000)));
        Assert.Matches("the token has 1[67][0-9]{3} characters; at most 16384 are allowed", message);
        await RefusedAsync(TokenRejection.Oversize, new string('x', 16 * 1024 + 1));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.x.y")]
    [InlineData("Bearer e30.e30.x")]
    [InlineData("W10.W10.x")]
    [InlineData("bnVsbA.bnVsbA.x")]
    public async Task What_is_no_token_is_refused(string token) => await RefusedAsync(TokenRejection.Malformed, token);

    [Fact]
    public async Task A_truncated_token_is_refused()
    {
        var token = _issuer.Token();
        for (var length = 1; length < token.Length; length += 7)
            Assert.IsType<TokenResult.Rejected>(await _verifier.VerifyAsync(token[..length], CancellationToken.None));
        await RefusedAsync(TokenRejection.Signature, token[..^2]);
    }

    [Fact]
    public async Task A_token_with_padding_spaces_or_line_breaks_is_refused()
    {
        var token = _issuer.Token();
        foreach (var altered in new[] { token + "=", token + "\n", " " + token, token.Replace(".", " .", StringComparison.Ordinal) })
            await RefusedAsync(TokenRejection.Malformed, altered);
    }

    [Fact]
    public async Task A_changed_payload_or_signature_is_refused()
    {
        var token = _issuer.Token("shop", "orders");
        var parts = token.Split('.');
        var other = _issuer.Token("payments", "admin").Split('.');

        await RefusedAsync(TokenRejection.Signature, $"{parts[0]}.{other[1]}.{parts[2]}");
        await RefusedAsync(TokenRejection.Signature, $"{parts[0]}.{parts[1]}.{other[2]}");
        await RefusedAsync(TokenRejection.Signature, $"{parts[0]}.{parts[1]}.");
        await RefusedAsync(TokenRejection.Signature, $"{parts[0]}.{parts[1]}.{new string('A', 86)}");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("HS256")]
    [InlineData("HS512")]
    [InlineData("RSA1_5")]
    [InlineData("EdDSA")]
    public async Task An_algorithm_that_is_not_allowed_is_refused_signed_or_not(string algorithm)
    {
        var header = _issuer.Header();
        header["alg"] = algorithm;
        var payload = _issuer.Payload().ToJsonString();

        await RefusedAsync(TokenRejection.Algorithm, Jwt.Encode(header.ToJsonString(), payload, _ => []));
        await RefusedAsync(TokenRejection.Algorithm, Jwt.Encode(header.ToJsonString(), payload, _issuer.Key.Sign));
    }

    [Fact]
    public async Task A_public_key_is_no_HMAC_key()
    {
        _issuer.RotateKey(SigningKey.Rs256());
        _issuer.WriteJwks(KeyFile);
        var header = _issuer.Header();
        header["alg"] = "HS256";
        foreach (var guess in new[] { _issuer.Key.PublicPem(), _issuer.Key.PublicPem() + "\n", _issuer.Jwks() })
        {
            var token = Jwt.Encode(
                header.ToJsonString(),
                _issuer.Payload().ToJsonString(),
                input => System.Security.Cryptography.HMACSHA256.HashData(Encoding.UTF8.GetBytes(guess), input));
            await RefusedAsync(TokenRejection.Algorithm, token);
        }
    }

    [Fact]
    public async Task An_allowed_algorithm_that_is_not_the_key_s_is_refused()
    {
        foreach (var algorithm in new[] { "RS256", "PS256", "ES384" })
        {
            var header = _issuer.Header();
            header["alg"] = algorithm;
            await RefusedAsync(TokenRejection.Algorithm, Jwt.Sign(header, _issuer.Payload(), _issuer.Key));
        }
    }

    [Fact]
    public async Task A_foreign_key_is_refused_under_its_own_name_and_under_a_known_one()
    {
        using var own = SigningKey.Es256();
        using var stolenName = SigningKey.Es256(_issuer.Key.KeyId);

        await RefusedAsync(
            TokenRejection.UnknownKey,
            Jwt.Sign(new JsonObject { ["alg"] = "ES256", ["kid"] = own.KeyId }, _issuer.Payload(), own));
        await RefusedAsync(TokenRejection.Signature, Jwt.Sign(_issuer.Header(), _issuer.Payload(), stolenName));
    }

    [Theory]
    [InlineData("../../../../dev/null")]
    [InlineData("/etc/passwd")]
    [InlineData("' OR '1'='1")]
    [InlineData("x'; DROP TABLE keys; --")]
    [InlineData("https://evil.example/jwks.json")]
    [InlineData("a\nlevel=info msg=\"verified\"")]
    public async Task The_name_of_a_key_is_only_ever_compared(string kid)
    {
        using var foreign = SigningKey.Es256();
        var header = new JsonObject { ["alg"] = "ES256", ["kid"] = kid };

        var message = await RefusedAsync(TokenRejection.UnknownKey, Jwt.Sign(header, _issuer.Payload(), foreign));

        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public async Task A_token_that_names_no_key_is_refused()
    {
        foreach (var kid in new JsonNode?[] { null, "", 5, new JsonArray(_issuer.Key.KeyId) })
        {
            var header = new JsonObject { ["alg"] = "ES256", ["kid"] = kid };
            await RefusedAsync(TokenRejection.UnknownKey, Jwt.Sign(header, _issuer.Payload(), _issuer.Key));
        }
    }

    [Fact]
    public async Task Keys_and_addresses_that_a_token_brings_along_are_not_looked_at()
    {
        using var foreign = SigningKey.Es256(_issuer.Key.KeyId);
        var header = _issuer.Header();
        header["jku"] = "https://127.0.0.1:1/jwks.json";
        header["x5u"] = "https://127.0.0.1:1/cert.pem";
        header["jwk"] = foreign.PublicJwk();
        header["x5c"] = new JsonArray("MIIB");

        await RefusedAsync(TokenRejection.Signature, Jwt.Sign(header, _issuer.Payload(), foreign));
        await AcceptedAsync(Jwt.Sign(header, _issuer.Payload(), _issuer.Key));
    }

    [Fact]
    public async Task A_critical_extension_is_refused()
    {
        var header = _issuer.Header();
        header["crit"] = new JsonArray("b64");
        header["b64"] = false;

        await RefusedAsync(TokenRejection.Malformed, Jwt.Sign(header, _issuer.Payload(), _issuer.Key));
    }

    [Fact]
    public async Task A_token_that_says_something_twice_is_refused()
    {
        var header = _issuer.Header().ToJsonString();
        var payload = _issuer.Payload().ToJsonString();
        string Twice(string json, string more) => $"{json[..^1]},{more}}}";

        foreach (var (h, p) in new[]
        {
            (Twice(header, "\"alg\":\"none\""), payload),
            (Twice(header, "\"kid\":\"x\""), payload),
            (header, Twice(payload, "\"sub\":\"system:serviceaccount:payments:admin\"")),
            (header, Twice(payload, "\"\\u0073ub\":\"system:serviceaccount:payments:admin\"")),
            (header, payload.Replace("\"namespace\":", "\"namespace\":\"payments\",\"namespace\":", StringComparison.Ordinal)),
        })
            await RefusedAsync(TokenRejection.Malformed, Jwt.Encode(h, p, _issuer.Key.Sign));
    }

    [Fact]
    public async Task Deeply_nested_and_broken_JSON_is_refused()
    {
        var header = _issuer.Header().ToJsonString();
        foreach (var payload in new[]
        {
            $"{{\"a\":{new string('[', 5000)}{new string(']', 5000)}}}", "{", "{}{}", "{\"a\":1,}", "// x\n{}", "\ufeff{}",
        })
            await RefusedAsync(TokenRejection.Malformed, Jwt.Encode(header, payload, _issuer.Key.Sign));
    }

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

    [Fact]
    public async Task Of_several_issuers_each_vouches_only_with_its_own_keys_and_audience()
    {
        using var second = new TokenIssuer("https://cluster-b", "audience-b", _clock);
        var secondKeys = second.WriteJwks(_directory.File("b.json"));
        var issuers = new TrustedIssuers(
            [Options(_issuer, KeyFile), Options(second, secondKeys)], _clock, NullLogger<TrustedIssuers>.Instance);
        var verifier = new TokenVerifier(issuers, _clock);

        var caller = Assert.IsType<TokenResult.Verified>(await verifier.VerifyAsync(second.Token(), CancellationToken.None)).Caller;
        Assert.Equal("https://cluster-b", caller.Workload.Issuer);
        Assert.IsType<TokenResult.Verified>(await verifier.VerifyAsync(_issuer.Token(), CancellationToken.None));
        foreach (var (payload, key, reason) in new[]
        {
            (_issuer.Payload(), second.Key, TokenRejection.UnknownKey),
            (Changed(second.Payload(), "aud", _issuer.Audience), second.Key, TokenRejection.Audience),
        })
        {
            var token = Jwt.Sign(new JsonObject { ["alg"] = "ES256", ["kid"] = key.KeyId }, payload, key);
            Assert.Equal(
                reason,
                Assert.IsType<TokenResult.Rejected>(await verifier.VerifyAsync(token, CancellationToken.None)).Reason);
        }
    }

    [Fact]
    public async Task A_token_is_verified_once_while_it_lives()
    {
        var token = _issuer.Token();
        var first = await AcceptedAsync(token);

        Assert.Same(first, await AcceptedAsync(token));

        _clock.Advance(TimeSpan.FromHours(1));
        Assert.NotSame(first, await AcceptedAsync(token));
        _clock.Advance(TimeSpan.FromSeconds(30));
        await RefusedAsync(TokenRejection.Expired, token);
    }

    [Fact]
    public async Task When_the_keys_change_no_earlier_verification_counts()
    {
        using var stop = new CancellationTokenSource();
        var running = _issuers.RunAsync(stop.Token);
        var old = _issuer.Token();
        await AcceptedAsync(old);

        _issuer.RotateKey(SigningKey.Es256());
        _issuer.WriteJwks(KeyFile);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await AcceptedAsync(_issuer.Token());

        await RefusedAsync(TokenRejection.UnknownKey, old);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Without_keys_a_token_is_refused_for_now_and_the_reason_is_told()
    {
        File.Delete(KeyFile);

        var message = await RefusedAsync(TokenRejection.KeysUnavailable, _issuer.Token());
        Assert.Contains($"the keys of the issuer {_issuer.Issuer} are not known yet: {KeyFile} cannot be read", message, StringComparison.Ordinal);

        _issuer.WriteJwks(KeyFile);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await AcceptedAsync(_issuer.Token());
    }

    private async Task<Caller> AcceptedAsync(string token)
    {
        var result = await _verifier.VerifyAsync(token, CancellationToken.None);
        return Assert.IsType<TokenResult.Verified>(result).Caller;
    }

    private async Task<string> RefusedAsync(TokenRejection reason, string? token)
    {
        // Twice, because a refusal must not be remembered as anything else.
        await _verifier.VerifyAsync(token, CancellationToken.None);
        var rejected = Assert.IsType<TokenResult.Rejected>(await _verifier.VerifyAsync(token, CancellationToken.None));
        Assert.Equal(reason, rejected.Reason);
        return rejected.Message;
    }

    private static JsonObject Changed(JsonObject payload, string name, string value)
    {
        payload[name] = value;
        return payload;
    }

    private static string Recorded(string name) => Path.Combine(AppContext.BaseDirectory, "Identity", "Recorded", name);

    private static IssuerOptions Options(TokenIssuer issuer, string keyFile) => new()
    {
        Issuer = issuer.Issuer,
        Audience = issuer.Audience,
        Keys = new KeySource.File(keyFile),
    };
}
