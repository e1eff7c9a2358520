using Grpc.Core;
using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Connection;
using SidecarAgent.Agent.Tests.FakeBroker;
using SidecarAgent.Testing;

namespace SidecarAgent.Agent.Tests.Connection;

/// <summary>A real gRPC server on a Unix socket plays the SPIFFE agent.</summary>
public sealed class SpiffeTokenTests : IAsyncLifetime, IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly ArmedTime _time = new();
    private readonly CapturedLog _log = new();
    private FakeSpiffeAgent _agent = null!;
    private SpiffeToken _token = null!;

    private string Socket => _directory.File("agent.sock");

    public async Task InitializeAsync()
    {
        _agent = await FakeSpiffeAgent.StartAsync(Socket, _time);
        _token = new SpiffeToken(new SpiffeIdentity(Socket, "sidecar-broker"), _time, () => 0, _log.CreateLogger<SpiffeToken>());
    }

    [Fact]
    public async Task The_default_identity_s_token_is_asked_for_once_and_for_the_audience()
    {
        var start = _time.GetUtcNow();

        var first = await ReadAsync();
        var second = await ReadAsync();

        Assert.Equal(FakeSpiffeAgent.Token(1, start, start.AddMinutes(10)), first);
        Assert.Equal(first, second);
        Assert.Equal(["sidecar-broker"], await _agent.Requests.NextAsync());
        Assert.Equal(1, _agent.Requests.Count);
    }

    [Fact]
    public async Task A_token_that_the_broker_refuses_is_asked_for_again_and_another_is_not()
    {
        var first = await ReadAsync();
        _token.Refuse("one of yesterday");
        Assert.Equal(first, await ReadAsync());

        _token.Refuse(first);

        Assert.NotEqual(first, await ReadAsync());
        Assert.Equal(2, _agent.Requests.Count);
    }

    [Fact]
    public async Task A_token_that_has_ended_is_asked_for_again()
    {
        var first = await ReadAsync();
        _time.Advance(TimeSpan.FromMinutes(10));

        Assert.NotEqual(first, await ReadAsync());
    }

    [Fact]
    public async Task At_half_of_its_life_there_is_another_before_anybody_asks()
    {
        using var stopping = new CancellationTokenSource();
        var keeping = _token.KeepFreshAsync(stopping.Token);
        var first = await ReadAsync();
        await _agent.Requests.NextAsync();

        for (var round = 0; round < 2; round++)
        {
            var half = await _time.ArmedAsync(due => due > TimeSpan.FromMinutes(4) && due <= TimeSpan.FromMinutes(5));
            Assert.InRange(half, TimeSpan.FromSeconds(299), TimeSpan.FromMinutes(5));
            _time.Advance(half);
            await _agent.Requests.NextAsync();
        }

        await _log.WaitForAsync("until", after: 2);
        Assert.NotEqual(first, await ReadAsync());
        Assert.Equal(3, _agent.Requests.Count);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => keeping);
    }

    [Fact]
    public async Task While_the_spiffe_agent_is_away_the_token_is_used_on_and_that_is_said_once()
    {
        using var stopping = new CancellationTokenSource();
        var keeping = _token.KeepFreshAsync(stopping.Token);
        var first = await ReadAsync();
        _agent.Refusal = new RpcException(new Status(StatusCode.Unavailable, "connection to the server lost"));

        _time.Advance(await _time.ArmedAsync(due => due > TimeSpan.FromMinutes(4) && due <= TimeSpan.FromMinutes(5)));
        Assert.Contains("connection to the server lost", await _log.WaitForAsync("could not be made anew"), StringComparison.Ordinal);
        for (var attempt = 0; attempt < 3; attempt++)
            _time.Advance(await _time.ArmedAsync(due => due >= TimeSpan.FromSeconds(1) && due <= Backoff.Longest));
        await _time.ArmedAsync(due => due >= TimeSpan.FromSeconds(1) && due <= Backoff.Longest);

        Assert.Equal(first, await ReadAsync());
        Assert.Equal(1, _log.Count("could not be made anew"));
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => keeping);
    }

    [Fact]
    public async Task A_workload_without_identity_is_told_so()
    {
        _agent.Refusal = new RpcException(new Status(StatusCode.PermissionDenied, "no identity issued"));

        var error = await Assert.ThrowsAsync<TokenException>(ReadAsync);

        Assert.Equal($"no token from the SPIFFE agent at {Socket}: PermissionDenied: no identity issued", error.Message);
    }

    [Fact]
    public async Task A_socket_that_is_not_there_is_named()
    {
        using var token = new SpiffeToken(
            new SpiffeIdentity(_directory.File("none.sock"), "a"), _time, () => 0, _log.CreateLogger<SpiffeToken>());

        var error = await Assert.ThrowsAsync<TokenException>(async () => await token.ReadAsync(CancellationToken.None));

        Assert.Contains("none.sock: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "no JWT")]
    [InlineData("a.b", "no JWT")]
    [InlineData("a.!.c", "no JWT")]
    [InlineData("a.b c.d", "no JWT")]
    [InlineData("a.W10.c", "no JWT")] // []
    [InlineData("a.e30.c", "without an end")] // {}
    [InlineData("a.eyJleHAiOiJ4In0.c", "no JWT")] // {"exp":"x"}
    [InlineData("a.eyJleHAiOjF9.c", "ended at 1970-01-01 00:00:01Z")] // {"exp":1}
    public async Task What_is_no_token_is_not_shown_to_the_broker_and_not_repeated(string given, string expected)
    {
        _agent.Instead = given;

        var error = await Assert.ThrowsAsync<TokenException>(ReadAsync);

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_received_late_in_its_life_is_not_asked_for_again_at_once()
    {
        var now = _time.GetUtcNow();

        var svid = JwtSvid.Parse(FakeSpiffeAgent.Token(1, now.AddMinutes(-9), now.AddMinutes(1)), now);

        Assert.Equal(now.AddSeconds(5), svid.RefreshAt);
        Assert.DoesNotContain(svid.Token, svid.ToString(), StringComparison.Ordinal);
    }

    public Task DisposeAsync() => _agent.DisposeAsync().AsTask();

    public void Dispose()
    {
        _token.Dispose();
        _log.Dispose();
        _directory.Dispose();
    }

    private async Task<string> ReadAsync() => await _token.ReadAsync(CancellationToken.None);
}
