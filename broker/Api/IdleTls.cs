using System.Net.Security;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SidecarAgent.Broker.Api;

/// <summary>
/// Has OpenSSL give back the buffers of a connection while nothing is sent (SSL_MODE_RELEASE_BUFFERS, SSL_set_mode(3)): some
/// 19 KiB for each agent that only watches. .NET has no setting for it, so this reaches for a field of its own; where that
/// is not what it was when this was written, nothing is done, and connections cost more.
/// </summary>
internal static partial class IdleTls
{
    // openssl/ssl.h.
    private const int SetMode = 33;
    private const nint ReleaseBuffers = 0x10;

    private static readonly bool IsOpenSsl3 = IsVersion3();

    /// <summary>After the handshake.</summary>
    /// <returns>False: .NET or OpenSSL is another than this knows, and nothing was done.</returns>
    public static bool ReleaseBuffersOf(SslStream stream)
    {
        if (!IsOpenSsl3 || Context(stream) is not SafeHandle { IsInvalid: false } context || context.GetType().Name != "SafeSslHandle")
            return false;
        var held = false;
        try
        {
            context.DangerousAddRef(ref held);
            return (Control(context.DangerousGetHandle(), SetMode, ReleaseBuffers, 0) & ReleaseBuffers) != 0;
        }
        finally
        {
            if (held)
                context.DangerousRelease();
        }
    }

    private static bool IsVersion3()
    {
        try
        {
            return SafeEvpPKeyHandle.OpenSslVersion >> 28 == 3;
        }
        catch (PlatformNotSupportedException)
        {
            return false;
        }
    }

    private static object? Context(SslStream stream) =>
        typeof(SslStream).GetField("_securityContext", BindingFlags.Instance | BindingFlags.NonPublic)?.GetValue(stream);

    [LibraryImport("libssl.so.3", EntryPoint = "SSL_ctrl")]
    private static partial nint Control(nint ssl, int command, nint number, nint pointer);
}
