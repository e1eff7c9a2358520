using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace SidecarAgent.Quickstart.Installation;

/// <summary>
/// Chooses loopback ports that a server can have again after a restart. They lie below the range that the kernel gives
/// to outgoing connections: a client that keeps trying a port of that range while nobody listens can end up connected to
/// itself, and then the server cannot have it back.
/// </summary>
internal static class FreePort
{
    private const int First = 20000;
    private const int End = 32000;

    public static int Choose()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(First, End);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it: the next draw.
            }
        }
    }
}
