using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.V1;

namespace SidecarAgent.Agent.Connection;

/// <summary>
/// The broker's calls over one HTTP/2 connection, each with the workload token as it is at that moment. The connection is
/// made by the first call that needs it; nothing here retries.
/// </summary>
/// <remarks>All calls throw <see cref="RpcException"/>, or <see cref="TokenException"/> before anything is sent.</remarks>
internal sealed class BrokerConnection : IDisposable
{
    /// <summary>128 secrets of 256 KiB, the most that the broker's limits allow, and their frames.</summary>
    private const int MaxAnswerBytes = 34 * 1024 * 1024;

    /// <summary>A unary call; the broker answers in milliseconds, or is busy creating a credential elsewhere.</summary>
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    private readonly GrpcChannel _channel;
    private readonly SecretBroker.SecretBrokerClient _client;
    private readonly TokenFile _token;
    private readonly TimeProvider _time;

    /// <exception cref="InvalidConfigurationException">The CA cannot be read.</exception>
    public BrokerConnection(BrokerOptions broker, TokenFile token, TimeProvider time)
    {
        _token = token;
        _time = time;
        _channel = GrpcChannel.ForAddress(broker.Address, new GrpcChannelOptions
        {
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxAnswerBytes,
            HttpHandler = new SocketsHttpHandler
            {
                SslOptions = BrokerTrust.Tls(BrokerTrust.Roots(broker)),
                ConnectTimeout = Backoff.ConnectTimeout,
                UseProxy = false,
                UseCookies = false,
                AllowAutoRedirect = false,
                ConnectCallback = static async (context, cancellationToken) => new NetworkStream(
                    await BrokerSocket.ConnectAsync(context.DnsEndPoint, cancellationToken), ownsSocket: true),
                // For a broker that hangs while its kernel goes on answering. The handler wakes up four times as often as
                // the shorter of the two, which is most of what an idle agent spends.
                KeepAlivePingDelay = TimeSpan.FromSeconds(30),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(20),
                KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
                PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            },
        });
        _client = new SecretBroker.SecretBrokerClient(_channel);
    }

    public AsyncServerStreamingCall<WatchResponse> Watch(WatchRequest request, CancellationToken cancellationToken) =>
        _client.Watch(request, Headers(), cancellationToken: cancellationToken);

    public Task<FetchResponse> FetchAsync(FetchRequest request, CancellationToken cancellationToken) =>
        CallAsync((headers, token) => _client.FetchAsync(request, headers, cancellationToken: token), cancellationToken);

    public Task<AcknowledgeResponse> AcknowledgeAsync(AcknowledgeRequest request, CancellationToken cancellationToken) =>
        CallAsync((headers, token) => _client.AcknowledgeAsync(request, headers, cancellationToken: token), cancellationToken);

    public Task<RenewResponse> RenewAsync(RenewRequest request, CancellationToken cancellationToken) =>
        CallAsync((headers, token) => _client.RenewAsync(request, headers, cancellationToken: token), cancellationToken);

    public Task<ReleaseResponse> ReleaseAsync(ReleaseRequest request, CancellationToken cancellationToken) =>
        CallAsync((headers, token) => _client.ReleaseAsync(request, headers, cancellationToken: token), cancellationToken);

    public void Dispose() => _channel.Dispose();

    private async Task<T> CallAsync<T>(
        Func<Metadata, CancellationToken, AsyncUnaryCall<T>> call, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(CallTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var running = call(Headers(), either.Token);
            return await running;
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.Cancelled)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new RpcException(new Status(
                StatusCode.DeadlineExceeded, $"the broker did not answer within {CallTimeout.TotalSeconds:0} s"));
        }
    }

    private Metadata Headers() => new() { { "authorization", $"Bearer {_token.Read()}" } };
}
