using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Identity;

public sealed class HttpKeySetsTests : IAsyncLifetime, IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly TestCertificates _certificates;
    private IssuerServer _server = null!;
    private TokenIssuer _issuer = null!;

    public HttpKeySetsTests() => _certificates = new TestCertificates(_directory.FullName);

    public async Task InitializeAsync()
    {
        _server = await IssuerServer.StartAsync(_certificates);
        _issuer = new TokenIssuer(_server.Address, clock: _clock);
        _server.AnswerDiscovery(_issuer.Jwks());
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose()
    {
        _issuer.Dispose();
        _certificates.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Keys_are_found_by_discovery() =>
        Assert.Equal(_issuer.Jwks(), await Client().DiscoverAsync(CancellationToken.None));

    [Fact]
    public async Task Keys_are_fetched_from_an_address() =>
        Assert.Equal(_issuer.Jwks(), await ReadAsync("/keys"));

    [Fact]
    public async Task The_broker_s_token_is_shown_where_one_is_configured_and_read_anew()
    {
        await ReadAsync("/keys");
        Assert.Null(_server.LastAuthorization);

        var token = _directory.Write("token", "first\n");
        await Client(token).ReadAsync(new Uri($"{_server.Address}/keys"), CancellationToken.None);
        Assert.Equal("Bearer first", _server.LastAuthorization);

        _directory.Write("token", "second");
        await Client(token).DiscoverAsync(CancellationToken.None);
        Assert.Equal("Bearer second", _server.LastAuthorization);
    }

    [Fact]
    public async Task A_server_whose_certificate_another_CA_signed_is_not_believed()
    {
        using var others = new TestCertificates(Directory.CreateDirectory(_directory.File("other")).FullName);

        await UnavailableAsync("certificate", () => Client(caFile: others.CaFile).DiscoverAsync(CancellationToken.None));
        await UnavailableAsync("certificate", () => new HttpKeySets(Options(caFile: null), _clock).DiscoverAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_name_that_is_not_in_the_certificate_is_not_believed()
    {
        var address = new Uri(_server.Address.Replace("127.0.0.1", "127.0.0.2", StringComparison.Ordinal) + "/keys");

        await Assert.ThrowsAsync<KeysUnavailableException>(() => Client().ReadAsync(address, CancellationToken.None));
    }

    [Fact]
    public async Task A_document_that_speaks_for_another_issuer_is_not_believed()
    {
        _server.AnswerDiscovery(_issuer.Jwks(), issuer: "https://other.example\\n");

        await UnavailableAsync(
            $"speaks for the issuer 'https://other.example?', expected '{_server.Address}'",
            () => Client().DiscoverAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData("http://127.0.0.1/keys")]
    [InlineData("file:///etc/passwd")]
    [InlineData("/keys")]
    public async Task Keys_that_are_not_at_an_https_address_are_not_fetched(string address)
    {
        _server.AnswerDiscovery(_issuer.Jwks(), keysAddress: address);

        await UnavailableAsync("is not an https address", () => Client().DiscoverAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"issuer\":5}")]
    [InlineData("{\"issuer\":\"a\",\"issuer\":\"b\"}")]
    public async Task A_document_that_is_none_is_said_so(string text)
    {
        _server.Answer(IssuerServer.DiscoveryPath, text);

        await UnavailableAsync("is not an OpenID Connect configuration", () => Client().DiscoverAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(500)]
    public async Task An_error_is_passed_on_with_the_address(int status)
    {
        _server.Answers["/keys"] = context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        };

        await UnavailableAsync($"{_server.Address}/keys answered {status}", () => ReadAsync("/keys"));
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        _server.Answers["/moved"] = context =>
        {
            context.Response.Redirect($"{_server.Address}/keys");
            return Task.CompletedTask;
        };

        await UnavailableAsync("/moved answered 302", () => ReadAsync("/moved"));
    }

    [Fact]
    public async Task An_answer_over_the_limit_is_refused()
    {
        _server.Answer("/keys", new string(' ', 1024 * 1024 + 1));

        await UnavailableAsync("1048576", () => ReadAsync("/keys"));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up_after_five_seconds()
    {
        var asked = new TaskCompletionSource();
        _server.Answers["/keys"] = context =>
        {
            asked.SetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        };
        var reading = ReadAsync("/keys");
        await asked.Task;
        _clock.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        Assert.False(reading.IsCompleted);

        _clock.Advance(TimeSpan.FromTicks(1));

        await UnavailableAsync("did not answer within 5 s", () => reading);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_said_so()
    {
        await _server.DisposeAsync();

        await UnavailableAsync("Connection refused", () => ReadAsync("/keys"));
    }

    [Fact]
    public async Task A_CA_file_that_is_gone_or_broken_is_said_so()
    {
        await UnavailableAsync("cannot be read", () => Client(caFile: _directory.File("none")).DiscoverAsync(CancellationToken.None));
        var broken = _directory.Write("broken.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        await UnavailableAsync("cannot be read", () => Client(caFile: broken).DiscoverAsync(CancellationToken.None));
    }

    [Fact]
    public async Task An_answer_in_an_unknown_charset_or_a_token_that_no_header_can_hold_is_no_more_than_an_outage()
    {
        _server.Answers["/keys"] = context =>
        {
            context.Response.ContentType = "application/json; charset=klingon";
            return context.Response.WriteAsync(_issuer.Jwks());
        };
        await UnavailableAsync("klingon", () => ReadAsync("/keys"));

        var token = _directory.Write("token", "two\nlines");
        await UnavailableAsync(
            "does not hold one line", () => Client(token).ReadAsync(new Uri($"{_server.Address}/keys"), CancellationToken.None));
    }

    [Fact]
    public async Task Tokens_are_verified_through_an_outage_of_the_issuer_and_after_its_return_with_new_keys()
    {
        var issuers = new TrustedIssuers([Options(_certificates.CaFile)], _clock, NullLogger<TrustedIssuers>.Instance);
        var verifier = new TokenVerifier(issuers, _clock);
        using var stop = new CancellationTokenSource();
        var running = issuers.RunAsync(stop.Token);
        Assert.IsType<TokenResult.Verified>(await verifier.VerifyAsync(_issuer.Token(), CancellationToken.None));

        var port = new Uri(_server.Address).Port;
        await _server.DisposeAsync();
        _clock.Advance(TimeSpan.FromMinutes(6));
        Assert.IsType<TokenResult.Verified>(await verifier.VerifyAsync(_issuer.Token(), CancellationToken.None));
        var old = _issuer.Token();
        _issuer.RotateKey(SigningKey.Rs256());
        var unknown = Assert.IsType<TokenResult.Rejected>(await verifier.VerifyAsync(_issuer.Token(), CancellationToken.None));
        Assert.Equal(TokenRejection.UnknownKey, unknown.Reason);

        _server = await IssuerServer.StartAsync(_certificates, port);
        _server.AnswerDiscovery(_issuer.Jwks());
        var token = _issuer.Token(lifetime: TimeSpan.FromDays(1));
        TokenResult result = unknown;
        for (var attempt = 0; attempt < 20 && result is not TokenResult.Verified; attempt++)
        {
            // The clock stands still while the server is asked, or the request would be late.
            _clock.Advance(TimeSpan.FromSeconds(10));
            result = await verifier.VerifyAsync(token, CancellationToken.None);
        }

        Assert.IsType<TokenResult.Verified>(result);
        Assert.IsType<TokenResult.Rejected>(await verifier.VerifyAsync(old, CancellationToken.None));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private Task<string> ReadAsync(string path) =>
        Client().ReadAsync(new Uri($"{_server.Address}{path}"), CancellationToken.None);

    private HttpKeySets Client(string? tokenFile = null, string? caFile = null) =>
        new(Options(caFile ?? _certificates.CaFile) with { TokenFile = tokenFile }, _clock);

    private IssuerOptions Options(string? caFile) => new()
    {
        Issuer = _server.Address,
        Audience = "sidecar-broker",
        Keys = new KeySource.Discovery(),
        CaFile = caFile,
    };

    private static async Task UnavailableAsync(string expected, Func<Task<string>> fetch)
    {
        var e = await Assert.ThrowsAsync<KeysUnavailableException>(fetch);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }
}
