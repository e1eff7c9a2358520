using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Identity;

/// <summary>A token whose pod was deleted is refused, though its signature is good: the API server knows.</summary>
public sealed class TokenReviewTests : IAsyncLifetime, IDisposable
{
    private const string Path = "/apis/authentication.k8s.io/v1/tokenreviews";

    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly TestCertificates _certificates;
    private readonly TokenIssuer _issuer;
    private IssuerServer _server = null!;
    private JsonObject _status = Good();
    private JsonNode? _asked;
    private int _calls;

    public TokenReviewTests()
    {
        _certificates = new TestCertificates(_directory.FullName);
        _issuer = new TokenIssuer(clock: _clock);
        _issuer.WriteJwks(_directory.File("jwks.json"));
        _directory.Write("token", "the-broker-s-own");
    }

    public async Task InitializeAsync()
    {
        _server = await IssuerServer.StartAsync(_certificates);
        _server.Answers[Path] = async context =>
        {
            _calls++;
            _asked = await JsonNode.ParseAsync(context.Request.Body);
            context.Response.StatusCode = 201;
            await context.Response.WriteAsync(new JsonObject { ["status"] = _status.DeepClone() }.ToJsonString());
        };
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose()
    {
        _issuer.Dispose();
        _certificates.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task The_API_server_is_asked_with_the_broker_s_token_for_the_broker_s_audience_and_its_answer_counts_for_a_while()
    {
        var verifier = Verifier(TokenReviewMode.Required);
        var token = _issuer.Token();

        await AcceptedAsync(verifier, token);
        await AcceptedAsync(verifier, token);

        Assert.Equal(1, _calls);
        Assert.Equal("Bearer the-broker-s-own", _server.LastAuthorization);
        Assert.Equal(("TokenReview", token, "sidecar-broker"),
            ((string?)_asked!["kind"], (string?)_asked["spec"]!["token"], (string?)_asked["spec"]!["audiences"]![0]));
        _clock.Advance(TimeSpan.FromSeconds(11));
        await AcceptedAsync(verifier, token);
        Assert.Equal(2, _calls);
    }

    [Fact]
    public async Task However_many_calls_a_pod_makes_at_once_the_API_server_is_asked_once()
    {
        var verifier = Verifier(TokenReviewMode.Required);
        var token = _issuer.Token();
        var (arrived, held) = (new TaskCompletionSource(), new TaskCompletionSource());
        var answer = _server.Answers[Path];
        _server.Answers[Path] = async context =>
        {
            arrived.TrySetResult();
            await held.Task;
            await answer(context);
        };
        using var hungUp = new CancellationTokenSource();

        var first = verifier.VerifyAsync(token, hungUp.Token).AsTask();
        await arrived.Task;
        var others = Enumerable.Range(0, 50).Select(_ => verifier.VerifyAsync(token, CancellationToken.None).AsTask()).ToList();
        await hungUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        held.SetResult();

        Assert.All(await Task.WhenAll(others), result => Assert.IsType<TokenResult.Verified>(result));
        Assert.Equal(1, _calls);
    }

    [Fact]
    public async Task Of_thousands_of_pods_that_come_at_once_the_API_server_is_asked_about_some_at_a_time()
    {
        var verifier = Verifier(TokenReviewMode.Required);
        var (asking, most, held) = (0, 0, new TaskCompletionSource());
        _server.Answers[Path] = async context =>
        {
            var now = Interlocked.Increment(ref asking);
            lock (held)
                most = Math.Max(most, now);
            if (now == TokenReviews.AtATime)
                held.TrySetResult();
            await held.Task;
            Interlocked.Decrement(ref asking);
            context.Response.StatusCode = 201;
            await context.Response.WriteAsync(new JsonObject { ["status"] = _status.DeepClone() }.ToJsonString());
        };

        var results = await Task.WhenAll(Enumerable.Range(0, 3 * TokenReviews.AtATime)
            .Select(i => verifier.VerifyAsync(_issuer.Token(pod: $"orders-{i}"), CancellationToken.None).AsTask()));

        Assert.All(results, result => Assert.IsType<TokenResult.Verified>(result));
        Assert.Equal(TokenReviews.AtATime, most);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_makes_no_answer_count_for_longer()
    {
        var clock = new SetClock(_clock);
        var verifier = Verifier(TokenReviewMode.Required, clock);
        var token = _issuer.Token();
        await AcceptedAsync(verifier, token);
        _status = new JsonObject { ["authenticated"] = false };

        _clock.Advance(TimeSpan.FromSeconds(11));
        clock.Set = TimeSpan.FromSeconds(-20);

        await RefusedAsync(verifier, token, TokenRejection.Revoked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_token_that_is_replayed_after_its_pod_was_deleted_is_refused(bool required)
    {
        var verifier = Verifier(required ? TokenReviewMode.Required : TokenReviewMode.Optional);
        var token = _issuer.Token();
        await AcceptedAsync(verifier, token);

        _status = new JsonObject { ["authenticated"] = false, ["error"] = "service account token has been\ninvalidated" };
        _clock.Advance(TimeSpan.FromSeconds(11));

        var rejected = await RefusedAsync(verifier, token, TokenRejection.Revoked);
        Assert.Equal("the cluster no longer accepts the token: service account token has been?invalidated", rejected);
        var calls = _calls;
        await RefusedAsync(verifier, token, TokenRejection.Revoked);
        Assert.Equal(calls, _calls);
    }

    [Fact]
    public async Task An_answer_about_somebody_else_or_for_another_audience_is_a_refusal()
    {
        _status = Good(user: "system:serviceaccount:payments:admin");
        await RefusedAsync(Verifier(TokenReviewMode.Optional), _issuer.Token(), TokenRejection.Revoked);

        _status = Good(audience: "other");
        await RefusedAsync(Verifier(TokenReviewMode.Optional), _issuer.Token(), TokenRejection.Revoked);

        _status.Remove("audiences");
        await RefusedAsync(Verifier(TokenReviewMode.Optional), _issuer.Token(), TokenRejection.Revoked);
    }

    [Fact]
    public async Task When_it_cannot_be_asked_required_refuses_and_optional_goes_on()
    {
        _server.Answers[Path] = context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };

        await AcceptedAsync(Verifier(TokenReviewMode.Optional), _issuer.Token());
        var problem = await RefusedAsync(Verifier(TokenReviewMode.Required), _issuer.Token(), TokenRejection.ReviewUnavailable);
        Assert.Contains("answered 500", problem, StringComparison.Ordinal);

        await _server.DisposeAsync();
        await AcceptedAsync(Verifier(TokenReviewMode.Optional), _issuer.Token());
        await RefusedAsync(Verifier(TokenReviewMode.Required), _issuer.Token(), TokenRejection.ReviewUnavailable);
    }

    [Fact]
    public async Task A_forged_token_never_gets_as_far_as_the_API_server()
    {
        using var foreign = SigningKey.Es256(_issuer.Key.KeyId);

        await RefusedAsync(
            Verifier(TokenReviewMode.Required), Jwt.Sign(_issuer.Header(), _issuer.Payload(), foreign), TokenRejection.Signature);

        Assert.Equal(0, _calls);
    }

    [Fact]
    public async Task An_operator_s_token_is_asked_about_too_and_that_of_somebody_who_is_none_is_not()
    {
        const string Admin = "system:serviceaccount:ops:admin";
        _status = Good(user: Admin);
        var operators = new OperatorVerifier(Issuers(TokenReviewMode.Optional, _clock), [new AdminSubject(_issuer.Issuer, Admin)]);
        var token = _issuer.Token("ops", "admin");

        Assert.IsType<OperatorResult.NotAnAdmin>(await operators.VerifyAsync(_issuer.Token(), CancellationToken.None));
        Assert.Equal(0, _calls);
        Assert.IsType<OperatorResult.Verified>(await operators.VerifyAsync(token, CancellationToken.None));

        _status = new JsonObject { ["authenticated"] = false };
        _clock.Advance(TimeSpan.FromSeconds(11));

        var rejected = Assert.IsType<OperatorResult.Rejected>(await operators.VerifyAsync(token, CancellationToken.None));
        Assert.Equal(TokenRejection.Revoked, rejected.Reason);
    }

    private static JsonObject Good(string user = "system:serviceaccount:shop:orders", string audience = "sidecar-broker") => new()
    {
        ["authenticated"] = true,
        ["audiences"] = new JsonArray(audience),
        ["user"] = new JsonObject { ["username"] = user },
    };

    private TokenVerifier Verifier(TokenReviewMode mode, TimeProvider? clock = null) =>
        new(Issuers(mode, clock ?? _clock), clock ?? _clock);

    private TrustedIssuers Issuers(TokenReviewMode mode, TimeProvider clock)
    {
        var options = new IssuerOptions
        {
            Issuer = _issuer.Issuer,
            Audience = _issuer.Audience,
            Keys = new KeySource.File(_directory.File("jwks.json")),
            CaFile = _certificates.CaFile,
            TokenFile = _directory.File("token"),
            Review = mode,
            ApiServer = new Uri(_server.Address),
        };
        return new TrustedIssuers([options], clock, NullLogger<TrustedIssuers>.Instance);
    }

    private static async Task AcceptedAsync(TokenVerifier verifier, string token) =>
        Assert.IsType<TokenResult.Verified>(await verifier.VerifyAsync(token, CancellationToken.None));

    private static async Task<string> RefusedAsync(TokenVerifier verifier, string token, TokenRejection reason)
    {
        var rejected = Assert.IsType<TokenResult.Rejected>(await verifier.VerifyAsync(token, CancellationToken.None));
        Assert.Equal(reason, rejected.Reason);
        return rejected.Message;
    }
}
