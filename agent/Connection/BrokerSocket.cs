using System.Net;
using System.Net.Sockets;

namespace SidecarAgent.Agent.Connection;

/// <summary>
/// The TCP connection below the calls. A broker whose node died sends no FIN: its silence would look like "nothing changed".
/// The kernel asks it, so that an agent that has nothing to do does not wake up for that.
/// </summary>
internal static class BrokerSocket
{
    /// <summary>How long a silent broker is left alone.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    /// <summary>How long it has for the answer; then the connection is broken.</summary>
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(5);

    /// <summary>TCP_USER_TIMEOUT of Linux (tcp(7)): the same bound for bytes that were sent and are not acknowledged.</summary>
    private const int UserTimeout = 18;

    /// <param name="broker">Where.</param>
    /// <param name="within">How long it may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SocketException">There is no connection to be had.</exception>
    public static async Task<Socket> ConnectAsync(DnsEndPoint broker, TimeSpan within, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)Silence.TotalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, (int)Answer.TotalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 1);
            socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, UserTimeout, BitConverter.GetBytes((int)(Silence + Answer).TotalMilliseconds));
            using var tooLong = new CancellationTokenSource(within, TimeProvider.System);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(tooLong.Token, cancellationToken);
            await socket.ConnectAsync(broker, either.Token);
            return socket;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new SocketException((int)SocketError.TimedOut);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
