using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Admission;
using SidecarAgent.Webhook.Tests.Kit;

namespace SidecarAgent.Webhook.Tests.Admission;

/// <summary>Clients that are slow, large, or too many do not keep others from their answers.</summary>
public sealed class OverloadTests : IAsyncLifetime
{
    private const int Large = 1024 * 1024;

    private readonly List<SslStream> _connections = [];
    private RunningWebhook _webhook = null!;

    public async Task InitializeAsync() => _webhook = await RunningWebhook.StartAsync();

    public async Task DisposeAsync()
    {
        foreach (var connection in _connections)
            await connection.DisposeAsync();
        await _webhook.DisposeAsync();
    }

    [Fact]
    public async Task Large_bodies_wait_for_a_place_and_small_ones_do_not()
    {
        for (var i = 0; i < LargeBodies.AtOnce; i++)
            await BeginAsync(Large, sent: Large / 2);

        // The places are taken as soon as a further one waits for longer than it is let.
        var further = await BeginAsync(Large, sent: Large);
        var answer = AnswerAsync(further);
        while (!answer.IsCompleted)
        {
            var small = await _webhook.ReviewAsync(Reviews.Of(The.Pod()));
            Assert.True((bool)small["allowed"]!);
            _webhook.Time.Advance(TimeSpan.FromMilliseconds(100));
        }

        var text = await answer;
        Assert.StartsWith("HTTP/1.1 503", text, StringComparison.Ordinal);
        Assert.Contains("Retry-After: 1", text, StringComparison.Ordinal);
        Assert.Contains("4 large bodies are being read already; try again\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_comes_free_when_a_large_body_is_answered()
    {
        for (var i = 0; i < 3 * LargeBodies.AtOnce; i++)
        {
            using var response = await _webhook.PostAsync(Spaces(Large));
            Assert.Equal("expected kind AdmissionReview, got none\n", await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task A_body_that_does_not_come_is_given_up()
    {
        var answer = AnswerAsync(await BeginAsync(100, sent: 10));
        while (!answer.IsCompleted)
        {
            _webhook.Time.Advance(TimeSpan.FromSeconds(1));
            await _webhook.ReviewAsync(Reviews.Of(The.Pod()));
        }

        Assert.StartsWith("HTTP/1.1 408", await answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slow_clients_do_not_keep_others_waiting()
    {
        for (var i = 0; i < 100; i++)
            await BeginAsync(1000, sent: 1);

        var response = await _webhook.ReviewAsync(Reviews.Of(The.Pod()));

        Assert.True((bool)response["allowed"]!);
    }

    [Fact]
    public async Task Whoever_takes_all_connections_leaves_probes_and_metrics_alone()
    {
        var sockets = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 500; i++)
                sockets.Add(await OpenAsync());

            // One over the limit is closed at once, long before a handshake would be overdue.
            Assert.True(await IsClosedAtOnceAsync());
            using var ready = await _webhook.GetAsync(_webhook.Metrics, "/readyz");
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }

        // And when they have gone, reviews are answered again.
        var answered = false;
        while (!answered)
        {
            try
            {
                answered = (bool)(await _webhook.ReviewAsync(Reviews.Of(The.Pod())))["allowed"]!;
            }
            catch (HttpRequestException)
            {
                // Some of them have not been seen to go yet.
            }
        }
    }

    [Fact]
    public async Task Only_HTTP_1_is_spoken()
    {
        await using var stream = await _webhook.ConnectAsync(SslApplicationProtocol.Http2, SslApplicationProtocol.Http11);

        Assert.NotEqual(SslApplicationProtocol.Http2, stream.NegotiatedApplicationProtocol);
    }

    [Fact]
    public async Task A_pod_with_500_containers_is_injected_whole()
    {
        var pod = The.Pod();
        pod["spec"]!["containers"] = new JsonArray([.. Enumerable.Range(0, 500).Select(i =>
            (JsonNode)new JsonObject { ["name"] = $"c{i}", ["image"] = "shop:1", ["env"] = new JsonArray(new JsonObject { ["name"] = "A", ["value"] = "b" }) })]);

        var response = await _webhook.ReviewAsync(Reviews.Of(pod));

        var patch = JsonNode.Parse(Convert.FromBase64String((string)response["patch"]!))!.AsArray();
        var injected = PatchApplier.Apply(pod, patch)!.AsObject();
        Assert.Empty(PodSchema.Problems(injected));
        Assert.All(injected["spec"]!["containers"]!.AsArray(), container =>
            Assert.Equal("/secrets", (string)Assert.Single(container!["volumeMounts"]!.AsArray())!["mountPath"]!));
    }

    private async Task<SslStream> BeginAsync(int length, int sent)
    {
        var stream = await _webhook.ConnectAsync();
        _connections.Add(stream);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"));
        await stream.WriteAsync(Spaces(sent));
        return stream;
    }

    private static async Task<string> AnswerAsync(SslStream stream)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        return await reader.ReadToEndAsync();
    }

    private async Task<TcpClient> OpenAsync()
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(_webhook.Reviews.Host, _webhook.Reviews.Port);
        return socket;
    }

    private async Task<bool> IsClosedAtOnceAsync()
    {
        try
        {
            using var socket = await OpenAsync();
            return await socket.GetStream().ReadAsync(new byte[1]) == 0;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return true;
        }
    }

    private static byte[] Spaces(int length)
    {
        var body = new byte[length];
        Array.Fill(body, (byte)' ');
        if (length >= 2)
            "{}"u8.CopyTo(body);
        return body;
    }
}
