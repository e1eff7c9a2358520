using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace SidecarAgent.Broker.Api;

/// <summary>
/// The Unix socket for operators. Its mode is the proof of who they are, so it is right before anybody can connect.
/// </summary>
internal static class AdminSocket
{
    /// <summary>Binds a TCP or Unix listening socket.</summary>
    /// <exception cref="CannotStartException">The path is taken, or too long.</exception>
    public static Socket Bind(EndPoint endPoint)
    {
        if (endPoint is not UnixDomainSocketEndPoint)
            return SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);

        var path = endPoint.ToString()!;
        RemoveStale(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // Nobody can connect between bind and listen, so the mode is set in time.
            socket.Bind(endPoint);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return socket;
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw new CannotStartException($"The admin socket {path} cannot be made: {e.Message}", e);
        }
    }

    /// <summary>A broker that was killed leaves its socket file behind.</summary>
    private static void RemoveStale(string path)
    {
        if (!File.Exists(path))
            return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused && IsSocket(path))
        {
            File.Delete(path);
            return;
        }
        catch (SocketException e)
        {
            throw new CannotStartException(
                $"The admin socket {path} exists and is not a broker's: {e.Message}. Move it away.", e);
        }

        throw new CannotStartException($"Another broker serves the admin socket {path}. Stop that one first.");
    }

    /// <summary>Regular files have contents or can be opened; a socket can never be opened (ENXIO).</summary>
    private static bool IsSocket(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }
}
