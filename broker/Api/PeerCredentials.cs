using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace SidecarAgent.Broker.Api;

/// <summary>Who is at the other end of a Unix socket, as the kernel knows it (SO_PEERCRED, unix(7)).</summary>
internal readonly record struct PeerCredentials(int ProcessId, uint UserId, uint GroupId)
{
    private const int SocketLevel = 1;
    private const int PeerCredentialsOption = 17;

    /// <returns>Null: the kernel does not say.</returns>
    public static PeerCredentials? Of(Socket socket)
    {
        Span<byte> answer = stackalloc byte[Marshal.SizeOf<PeerCredentials>()];
        try
        {
            return socket.GetRawSocketOption(SocketLevel, PeerCredentialsOption, answer) == answer.Length
                ? MemoryMarshal.Read<PeerCredentials>(answer)
                : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
