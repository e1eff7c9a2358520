using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Identity;

public sealed class TokenVerifierTests : AgainstOneIssuer
{
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

    private static JsonObject Changed(JsonObject payload, string name, string value)
    {
        payload[name] = value;
        return payload;
    }

    private static string Recorded(string name) => Path.Combine(AppContext.BaseDirectory, "Identity", "Recorded", name);
}
