using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace SidecarAgent.Benchmarks;

/// <summary>
/// One kept TLS connection to a webhook, with as little work of its own as can be: client and server share the machine. It
/// speaks HTTP/1.1, as API servers do to webhooks, and blocks its thread: a call then is one write and one read, without
/// the detours over epoll and a pool of threads.
/// </summary>
internal sealed class ReviewConnection : IDisposable
{
    private readonly SslStream _stream;
    private readonly byte[] _answer = new byte[64 * 1024];

    private ReviewConnection(SslStream stream) => _stream = stream;

    public static ReviewConnection Open(Uri address, string caFile)
    {
        // Anything asynchronous would make the socket one that never blocks.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(address.Host, address.Port);
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(caFile);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        stream.AuthenticateAsClient(new SslClientAuthenticationOptions { TargetHost = address.Host, CertificateChainPolicy = trust });
        return new ReviewConnection(stream);
    }

    /// <summary>The request as it goes over the wire, headers and all.</summary>
    public static byte[] Request(byte[] review) =>
    [
        .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"POST /mutate?timeout=5s HTTP/1.1\r\nHost: webhook\r\nContent-Type: application/json\r\nContent-Length: {review.Length}\r\n\r\n")),
        .. review,
    ];

    /// <summary>Sends it and reads all of the answer.</summary>
    /// <exception cref="InvalidOperationException">The answer is another than 200 with a review that lets the pod through.</exception>
    public void Ask(byte[] request)
    {
        _stream.Write(request);
        var have = 0;
        var whole = int.MaxValue;
        while (have < whole)
        {
            var read = _stream.Read(_answer.AsSpan(have));
            if (read == 0)
                throw new InvalidOperationException("the webhook closed the connection");
            have += read;
            if (whole == int.MaxValue)
                whole = LengthOf(_answer.AsSpan(0, have));
        }

        if (!_answer.AsSpan().StartsWith("HTTP/1.1 200"u8) || _answer.AsSpan(0, whole).IndexOf("\"allowed\":true"u8) < 0)
            throw new InvalidOperationException($"the webhook answered: {Encoding.UTF8.GetString(_answer, 0, whole)}");
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>Of headers and body together; as long as the headers are not all there, more than anything.</summary>
    private static int LengthOf(ReadOnlySpan<byte> answer)
    {
        var headers = answer.IndexOf("\r\n\r\n"u8);
        if (headers < 0)
            return int.MaxValue;
        var name = "Content-Length: "u8;
        var length = answer[(answer.IndexOf(name) + name.Length)..];
        return headers + 4 + int.Parse(length[..length.IndexOf((byte)'\r')], CultureInfo.InvariantCulture);
    }
}
