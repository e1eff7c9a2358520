using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SidecarAgent.Agent.Telemetry;
using SidecarAgent.Agent.Tests.FakeBroker;

namespace SidecarAgent.Agent.Tests.Telemetry;

/// <summary>Callers of the status pages who are rude, slow or many, over real connections.</summary>
public sealed class StatusConnectionTests : IAsyncDisposable
{
    private const int MaxConnections = 32;
    private const string Ok = "HTTP/1.1 200 \r\n";

    private readonly CancellationTokenSource _stopping = new();
    private readonly ArmedTime _time = new();
    private readonly StatusListener _listener;
    private readonly Task _running;

    public StatusConnectionTests()
    {
        var pages = new StatusPages(() => new Readiness(false, "away", DateTimeOffset.UnixEpoch, 0, ["nothing is there"]), secrets: 1);
        _listener = new StatusListener(new IPEndPoint(IPAddress.Loopback, 0), pages, _time, NullLogger<StatusListener>.Instance);
        _running = _listener.RunAsync(_stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
        _listener.Dispose();
        _stopping.Dispose();
    }

    [Theory]
    [InlineData("GET /healthz HTTP/1.1\r\nHost: pod\r\n\r\n", Ok)]
    [InlineData("GET /readyz HTTP/1.1\r\nHost: pod\r\n\r\n", "HTTP/1.1 503 \r\nContent-Type: application/json\r\n")]
    [InlineData("GET /metrics HTTP/1.1\r\nAccept: text/plain\r\n\r\n", Ok)]
    [InlineData("GET /secrets/password HTTP/1.1\r\nHost: pod\r\n\r\n", "HTTP/1.1 404 \r\n")]
    [InlineData("GET /healthz/../metrics HTTP/1.1\r\nHost: pod\r\n\r\n", "HTTP/1.1 404 \r\n")]
    [InlineData("PUT /healthz HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody", "HTTP/1.1 405 \r\nAllow: GET\r\n")]
    [InlineData("nonsense\r\n\r\n", "HTTP/1.1 400 \r\n")]
    public async Task Each_request_is_answered_once_and_the_connection_ends(string request, string answer)
    {
        using var client = await ConnectAsync();
        await client.SendAsync(Encoding.ASCII.GetBytes(request));

        var received = await ReceiveAllAsync(client);

        Assert.StartsWith(answer, received, StringComparison.Ordinal);
        Assert.Equal(0, received.LastIndexOf("HTTP/1.1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_head_without_end_is_refused_and_not_kept()
    {
        using var client = await ConnectAsync();
        await client.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nX: " + new string('x', StatusRequest.MaxBytes)));

        Assert.StartsWith("HTTP/1.1 431 ", await ReceiveAllAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_goes_in_the_middle_of_a_request_leaves_no_trace()
    {
        using (var client = await ConnectAsync())
        {
            await client.SendAsync("GET /hea"u8.ToArray());
            client.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        await AssertAnswersAsync();
    }

    [Fact]
    public async Task Who_says_nothing_is_hung_up_on()
    {
        using var client = await ConnectAsync();
        await _time.PassAsync(TimeSpan.FromSeconds(10));

        Assert.Equal("", await ReceiveAllAsync(client));
    }

    [Fact]
    public async Task Who_comes_when_every_place_is_taken_waits_for_one()
    {
        var idle = new List<Socket>();
        for (var taken = 0; taken < MaxConnections; taken++)
        {
            idle.Add(await ConnectAsync());
            await _time.ArmedAsync(_ => true);
        }

        using var late = await ConnectAsync();
        await late.SendAsync("GET /healthz HTTP/1.1\r\n\r\n"u8.ToArray());
        var answer = ReceiveAllAsync(late);
        Assert.False(answer.IsCompleted);
        idle[0].Dispose();

        Assert.StartsWith(Ok, await answer, StringComparison.Ordinal);
        idle.ForEach(client => client.Dispose());
    }

    private async Task AssertAnswersAsync()
    {
        using var client = await ConnectAsync();
        await client.SendAsync("GET /healthz HTTP/1.1\r\n\r\n"u8.ToArray());
        Assert.StartsWith(Ok, await ReceiveAllAsync(client), StringComparison.Ordinal);
    }

    private async Task<Socket> ConnectAsync()
    {
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(_listener.Address.Host, _listener.Address.Port);
        return client;
    }

    private static async Task<string> ReceiveAllAsync(Socket client)
    {
        using var hung = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        var received = new byte[64 * 1024];
        var length = 0;
        while (await client.ReceiveAsync(received.AsMemory(length), hung.Token) is > 0 and var more)
            length += more;
        return Encoding.ASCII.GetString(received, 0, length);
    }
}
