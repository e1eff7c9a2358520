using System.Net;
using System.Net.Sockets;
using SidecarAgent.Agent.Connection;

namespace SidecarAgent.Agent.Tests.Connection;

public class BrokerSocketTests
{
    /// <summary>TCP_USER_TIMEOUT (tcp(7)).</summary>
    private const int UserTimeout = 18;

    private static readonly TimeSpan Within = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task The_kernel_finds_out_within_15_seconds_that_the_broker_is_gone()
    {
        using var broker = new TcpListener(IPAddress.Loopback, 0);
        broker.Start();
        using var socket = await BrokerSocket.ConnectAsync(
            new DnsEndPoint("localhost", ((IPEndPoint)broker.LocalEndpoint).Port), Within, CancellationToken.None);

        Assert.Equal(1, socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
        Assert.Equal(10, socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime));
        Assert.Equal(5, socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval));
        Assert.Equal(1, socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount));
        var timeout = new byte[sizeof(int)];
        socket.GetRawSocketOption((int)SocketOptionLevel.Tcp, UserTimeout, timeout);
        Assert.Equal(15_000, BitConverter.ToInt32(timeout));
    }

    [Fact]
    public async Task A_connection_that_is_not_to_be_had_is_said_as_such()
    {
        using var nobody = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        var error = await Assert.ThrowsAsync<SocketException>(() => BrokerSocket.ConnectAsync(
            new DnsEndPoint("127.0.0.1", ((IPEndPoint)nobody.LocalEndPoint!).Port), Within, CancellationToken.None));

        Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
    }
}
