using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using SidecarAgent.Agent.Configuration;

namespace SidecarAgent.Agent.Connection;

/// <summary>One HTTP/2 connection to one broker, made by the first call that needs it, and the identity that calls on it show.</summary>
internal sealed class BrokerLine : IDisposable
{
    /// <summary>128 secrets of 256 KiB, the most that the broker's limits allow, and their frames.</summary>
    private const int MaxAnswerBytes = 34 * 1024 * 1024;

    private readonly GrpcChannel _channel;
    private readonly CancellationTokenSource _closed = new();

    /// <param name="broker">Whom to call.</param>
    /// <param name="token">Stays the caller's to dispose.</param>
    /// <exception cref="InvalidConfigurationException">The CA cannot be read.</exception>
    public BrokerLine(BrokerOptions broker, IWorkloadToken token)
    {
        Broker = broker;
        Token = token;
        _channel = GrpcChannel.ForAddress(broker.Address, new GrpcChannelOptions
        {
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxAnswerBytes,
            HttpHandler = new SocketsHttpHandler
            {
                SslOptions = BrokerTrust.Tls(BrokerTrust.Roots(broker)),
                ConnectTimeout = Backoff.HandshakeTimeout,
                UseProxy = false,
                UseCookies = false,
                AllowAutoRedirect = false,
                ConnectCallback = static async (context, cancellationToken) => new NetworkStream(
                    await BrokerSocket.ConnectAsync(context.DnsEndPoint, Backoff.ConnectTimeout, cancellationToken), ownsSocket: true),
                // For a broker that hangs while its kernel goes on answering. The handler wakes up four times as often as
                // the shorter of the two, which is most of what an idle agent spends.
                KeepAlivePingDelay = TimeSpan.FromSeconds(30),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(20),
                KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
                PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            },
        });
        Calls = _channel.CreateCallInvoker();
        Closed = _closed.Token;
    }

    public BrokerOptions Broker { get; }

    public IWorkloadToken Token { get; }

    /// <summary>Throws <see cref="ObjectDisposedException"/> once another line has taken its place.</summary>
    public CallInvoker Calls { get; }

    /// <summary>Cancelled when another line has taken its place.</summary>
    public CancellationToken Closed { get; }

    /// <summary>Calls under way end as cancelled.</summary>
    public void Dispose()
    {
        _closed.Cancel();
        _closed.Dispose();
        _channel.Dispose();
    }
}
