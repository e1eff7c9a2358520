using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Reload;
using SidecarAgent.Agent.Telemetry;
using SidecarAgent.Agent.Tests.FakeBroker;

namespace SidecarAgent.Agent.Tests.Reload;

/// <summary>A real listener plays the application; it answers what the test says, when the test says it.</summary>
public sealed class NotifierTests : IDisposable
{
    private readonly ArmedTime _time = new();
    private readonly CapturedLog _log = new();
    private readonly AgentMetrics _metrics = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Notifier _notifier;

    public NotifierTests()
    {
        _listener.Start();
        _notifier = new Notifier(_metrics, _time, _log.CreateLogger<Notifier>());
    }

    [Fact]
    public async Task The_application_gets_a_post_and_its_2xx_is_enough()
    {
        var telling = _notifier.TellAsync([Target("/-/reload")], CancellationToken.None);

        Assert.StartsWith("POST /-/reload HTTP/1.1\r\n", await AnswerAsync("204 No Content"), StringComparison.Ordinal);
        await telling;
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task What_is_not_2xx_is_tried_three_times_and_logged_once()
    {
        for (var generation = 0; generation < 2; generation++)
        {
            var telling = _notifier.TellAsync([Target("/")], CancellationToken.None);
            if (generation > 0)
                await _time.PassAsync(TimeSpan.FromSeconds(1));
            await RefuseAsync("500 Internal Server Error");
            await telling;
        }

        Assert.Equal(1, _log.Count("could not be told"));
        Assert.Contains("500 InternalServerError, expected 2xx", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_is_no_success_and_is_not_followed()
    {
        var telling = _notifier.TellAsync([Target("/")], CancellationToken.None);
        await RefuseAsync("302 Found\r\nLocation: http://127.0.0.1:1/");
        await telling;

        Assert.Contains("302", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_that_never_answers_is_given_up()
    {
        var telling = _notifier.TellAsync([Target("/")], CancellationToken.None);

        for (var pause = 1; pause <= 2; pause++)
        {
            await _time.PassAsync(TimeSpan.FromSeconds(5));
            await _time.PassAsync(TimeSpan.FromSeconds(pause));
        }

        await _time.PassAsync(TimeSpan.FromSeconds(5));
        await telling;

        Assert.Contains("did not answer within 5 s", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generations_that_come_while_it_is_being_told_make_one_more_telling()
    {
        var first = _notifier.TellAsync([Target("/")], CancellationToken.None);
        using var connection = await _listener.AcceptTcpClientAsync();
        var others = Enumerable.Range(0, 10).Select(_ => _notifier.TellAsync([Target("/")], CancellationToken.None)).ToList();

        await AnswerAsync(connection, "200 OK");
        await first;
        await _time.PassAsync(TimeSpan.FromSeconds(1));
        await AnswerAsync("200 OK");
        await Task.WhenAll(others);

        Assert.False(_listener.Pending());
    }

    [Fact]
    public async Task A_burst_of_generations_is_told_at_once_and_then_once_a_second()
    {
        var first = _notifier.TellAsync([Target("/")], CancellationToken.None);
        await AnswerAsync("200 OK");
        await first;

        for (var second = 0; second < 3; second++)
        {
            var burst = Enumerable.Range(0, 100).Select(_ => _notifier.TellAsync([Target("/")], CancellationToken.None)).ToList();
            await _time.ArmedAsync(due => due == TimeSpan.FromSeconds(1));
            Assert.False(_listener.Pending());
            _time.Advance(TimeSpan.FromSeconds(1));
            await AnswerAsync("200 OK");
            await Task.WhenAll(burst);
        }

        Assert.False(_listener.Pending());
    }

    [Fact]
    public async Task A_generation_after_a_quiet_second_is_told_at_once()
    {
        for (var generation = 0; generation < 2; generation++)
        {
            var telling = _notifier.TellAsync([Target("/")], CancellationToken.None);
            await AnswerAsync("200 OK");
            await telling;
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.False(_listener.Pending());
    }

    [Fact]
    public async Task One_target_that_is_being_told_does_not_hold_up_another()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var slow = _notifier.TellAsync([Target("/")], CancellationToken.None);
        using var waiting = await _listener.AcceptTcpClientAsync();

        var telling = _notifier.TellAsync(
            [new HttpNotification(new Uri($"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}/"))], CancellationToken.None);
        using (var connection = await other.AcceptTcpClientAsync())
            await AnswerAsync(connection, "200 OK");

        await telling;
        Assert.False(slow.IsCompleted);
    }

    [Fact]
    public async Task When_the_agent_stops_what_waits_is_told_nothing_any_longer()
    {
        using var stopping = new CancellationTokenSource();
        var first = _notifier.TellAsync([Target("/")], stopping.Token);
        await AnswerAsync("200 OK");
        await first;
        var waiting = _notifier.TellAsync([Target("/")], stopping.Token);
        await _time.ArmedAsync(due => due == TimeSpan.FromSeconds(1));

        await stopping.CancelAsync();
        await waiting;

        Assert.False(_listener.Pending());
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task That_it_works_again_is_said()
    {
        var failing = _notifier.TellAsync([Target("/")], CancellationToken.None);
        await RefuseAsync("503 Service Unavailable");
        await failing;

        var working = _notifier.TellAsync([Target("/")], CancellationToken.None);
        await _time.PassAsync(TimeSpan.FromSeconds(1));
        await AnswerAsync("200 OK");
        await working;

        Assert.Equal(1, _log.Count("can be told by"));
    }

    public void Dispose()
    {
        _notifier.Dispose();
        _listener.Dispose();
        _metrics.Dispose();
        _log.Dispose();
    }

    private HttpNotification Target(string path) =>
        new(new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}{path}"));

    private async Task<string> AnswerAsync(string status)
    {
        using var connection = await _listener.AcceptTcpClientAsync();
        return await AnswerAsync(connection, status);
    }

    private static async Task<string> AnswerAsync(TcpClient connection, string status)
    {
        var buffer = new byte[4096];
        var length = await connection.GetStream().ReadAsync(buffer);
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        return Encoding.ASCII.GetString(buffer, 0, length);
    }

    /// <summary>Three attempts, and the pauses between them.</summary>
    private async Task RefuseAsync(string status)
    {
        await AnswerAsync(status);
        await _time.PassAsync(TimeSpan.FromSeconds(1));
        await AnswerAsync(status);
        await _time.PassAsync(TimeSpan.FromSeconds(2));
        await AnswerAsync(status);
    }
}
