using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using SidecarAgent.Broker.Api;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Api;

/// <summary>Handshakes take turns, and connections give back what they do not need. docs/adr/0018 has the reasons.</summary>
public sealed class HandshakeTests
{
    [Fact]
    public void A_turn_is_given_back_once_however_often_it_ends()
    {
        using var free = new SemaphoreSlim(0);
        var turn = new HandshakeTurn(free);

        turn.Dispose();
        turn.Dispose();

        Assert.Equal(1, free.CurrentCount);
    }

    [Fact]
    public async Task A_turn_that_takes_too_long_is_given_back_before_it_ends()
    {
        using var free = new SemaphoreSlim(0);
        using var turn = new HandshakeTurn(free);

        Assert.True(await free.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task More_silent_connections_than_there_are_turns_hold_up_nobody()
    {
        await using var broker = await RunningBroker.StartAsync();
        await broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        var silent = new List<TcpClient>();
        try
        {
            for (var i = 0; i < Handshakes.AtATime + 8; i++)
            {
                silent.Add(new TcpClient());
                await silent[^1].ConnectAsync(IPAddress.Loopback, broker.Address.Port);
            }

            var given = await broker.Client().FetchAsync(Requests.Fetch("kv/shop/db"));

            Assert.Equal("one", Assert.Single(given.Updates).Issued.Text());
        }
        finally
        {
            silent.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task The_port_of_the_metrics_keeps_only_so_many_connections_and_answers_new_ones()
    {
        await using var broker = await RunningBroker.StartAsync();
        var open = new List<TcpClient>();
        try
        {
            for (var i = 0; i < NewestConnections.Most; i++)
            {
                open.Add(new TcpClient());
                await open[^1].ConnectAsync(IPAddress.Loopback, broker.Server.MetricsAddress.Port);
            }

            using var probe = broker.Metrics;
            Assert.Equal(HttpStatusCode.OK, (await probe.GetAsync(new Uri("/healthz", UriKind.Relative))).StatusCode);
            await Waiting.UntilAsync(() => Task.FromResult(open.Exists(client => IsGone(client.Client))));
            Assert.InRange(open.Count(client => IsGone(client.Client)), 1, 2);
        }
        finally
        {
            open.ForEach(client => client.Dispose());
        }
    }

    private static bool IsGone(Socket socket) => socket.Poll(0, SelectMode.SelectRead);

    [Fact]
    public async Task Beyond_the_limit_no_connection_is_taken_until_another_ends_and_operators_come_in_all_the_same()
    {
        await using var broker = await RunningBroker.StartAsync(configuration: "limits: { connections: 100 }");
        await broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        var open = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 100; i++)
            {
                open.Add(new TcpClient());
                await open[^1].ConnectAsync(IPAddress.Loopback, broker.Address.Port);
            }

            using var tooMany = new TcpClient();
            await tooMany.ConnectAsync(IPAddress.Loopback, broker.Address.Port);
            Assert.Equal(0, await tooMany.GetStream().ReadAsync(new byte[1]));
            await broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "two")));
        }
        finally
        {
            open.ForEach(client => client.Dispose());
        }

        await Waiting.UntilAsync(async () =>
        {
            try
            {
                return (await broker.Client().FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single().Issued.Text() == "two";
            }
            catch (Grpc.Core.RpcException)
            {
                // Not all of them are gone yet.
                return false;
            }
        });
    }

    [Fact]
    public async Task This_NET_and_this_OpenSSL_are_those_that_buffers_can_be_had_back_from()
    {
        using var directory = TempDirectory.Create();
        using var certificates = new TestCertificates(directory.FullName);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        var accepting = listener.AcceptTcpClientAsync();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var accepted = await accepting;
        await using var server = new SslStream(accepted.GetStream());
#pragma warning disable CA5359 // Who it is does not matter here.
        await using var caller = new SslStream(client.GetStream(), false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await Task.WhenAll(server.AuthenticateAsServerAsync(certificates.Server), caller.AuthenticateAsClientAsync("localhost"));

        Assert.True(IdleTls.ReleaseBuffersOf(server));

        await server.WriteAsync("still there"u8.ToArray());
        var read = new byte[11];
        await caller.ReadExactlyAsync(read);
        Assert.Equal("still there"u8.ToArray(), read);
    }
}
