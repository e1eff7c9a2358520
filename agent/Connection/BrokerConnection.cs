using Grpc.Core;
using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.V1;

namespace SidecarAgent.Agent.Connection;

/// <summary>
/// The broker's calls, each with the workload token as it is at that moment. Broker, trust and identity can be exchanged
/// while the agent runs; nothing here retries.
/// </summary>
/// <remarks>All calls throw <see cref="RpcException"/>, or <see cref="TokenException"/> before anything is sent.</remarks>
internal sealed partial class BrokerConnection : IDisposable
{
    /// <summary>A unary call; the broker answers in milliseconds, or is busy creating a credential elsewhere.</summary>
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private volatile BrokerLine _line;
    private string? _watchToken;
    private string? _caProblem;

    /// <exception cref="InvalidConfigurationException">The CA cannot be read.</exception>
    public BrokerConnection(BrokerOptions broker, IWorkloadToken token, TimeProvider time, ILogger<BrokerConnection> log)
    {
        _time = time;
        _log = log;
        _line = new BrokerLine(broker, token);
    }

    /// <summary>Opens a watch; a CA file that has changed is read again before.</summary>
    public async Task<AsyncServerStreamingCall<WatchResponse>> WatchAsync(WatchRequest request, CancellationToken cancellationToken)
    {
        FollowCaFile();
        var line = _line;
        _watchToken = await line.Token.ReadAsync(cancellationToken);
        return Start(line, () => line.Calls.AsyncServerStreamingCall(
            BrokerMethods.Watch, host: null, new CallOptions(Headers(_watchToken), cancellationToken: cancellationToken), request));
    }

    /// <summary>A token that the broker did not want for a watch is not shown again, if another can be had.</summary>
    public void WatchEnded(BrokerProblem problem)
    {
        if (problem.IsTokenRefused && _watchToken is { } token)
            _line.Token.Refuse(token);
    }

    public Task<FetchResponse> FetchAsync(FetchRequest request, CancellationToken cancellationToken) =>
        CallAsync(_line, BrokerMethods.Fetch, request, cancellationToken);

    /// <summary>As <see cref="FetchAsync(FetchRequest, CancellationToken)"/>, of a broker that may take this one's place.</summary>
    public Task<FetchResponse> FetchAsync(BrokerLine line, FetchRequest request, CancellationToken cancellationToken) =>
        CallAsync(line, BrokerMethods.Fetch, request, cancellationToken);

    public Task<AcknowledgeResponse> AcknowledgeAsync(AcknowledgeRequest request, CancellationToken cancellationToken) =>
        CallAsync(_line, BrokerMethods.Acknowledge, request, cancellationToken);

    public Task<RenewResponse> RenewAsync(RenewRequest request, CancellationToken cancellationToken) =>
        CallAsync(_line, BrokerMethods.Renew, request, cancellationToken);

    public Task<ReleaseResponse> ReleaseAsync(ReleaseRequest request, CancellationToken cancellationToken) =>
        CallAsync(_line, BrokerMethods.Release, request, cancellationToken);

    /// <summary>Calls go over this line from now on; those under way on the old one fail as if the broker were away.</summary>
    /// <param name="line">Owned from now on, with its token.</param>
    public void Switch(BrokerLine line)
    {
        var old = _line;
        _line = line;
        old.Dispose();
        if (!ReferenceEquals(old.Token, line.Token))
            old.Token.Dispose();
    }

    /// <summary>Sees to it that a call finds a fresh token. Until cancelled.</summary>
    public async Task KeepTokenFreshAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var line = _line;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(line.Closed, cancellationToken);
            try
            {
                await line.Token.KeepFreshAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Another line has taken its place.
            }
        }
    }

    public void Dispose()
    {
        _line.Dispose();
        _line.Token.Dispose();
    }

    private void FollowCaFile()
    {
        var line = _line;
        if (line.Broker.CaFile is not { } file)
            return;
        try
        {
            var pem = CaText.Read(file);
            if (pem != line.Broker.CaPem)
            {
                Switch(new BrokerLine(line.Broker with { CaPem = pem }, line.Token));
                LogCaChanged(_log, file);
            }

            _caProblem = null;
        }
        catch (InvalidConfigurationException error)
        {
            if (_caProblem != error.Message)
                LogCaKept(_log, error.Message);
            _caProblem = error.Message;
        }
    }

    private async Task<TResponse> CallAsync<TRequest, TResponse>(
        BrokerLine line, Method<TRequest, TResponse> method, TRequest request, CancellationToken cancellationToken)
        where TRequest : class
        where TResponse : class
    {
        using var timeout = new CancellationTokenSource(CallTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var token = await line.Token.ReadAsync(cancellationToken);
        try
        {
            using var running = Start(line, () => line.Calls.AsyncUnaryCall(
                method, host: null, new CallOptions(Headers(token), cancellationToken: either.Token), request));
            return await running;
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.Cancelled)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw timeout.IsCancellationRequested
                ? new RpcException(new Status(
                    StatusCode.DeadlineExceeded, $"the broker did not answer within {CallTimeout.TotalSeconds:0} s"))
                : Exchanged();
        }
        catch (RpcException error) when (BrokerProblem.Of(error).IsTokenRefused)
        {
            line.Token.Refuse(token);
            throw;
        }
    }

    private static T Start<T>(BrokerLine line, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (ObjectDisposedException) when (line.Closed.IsCancellationRequested)
        {
            throw Exchanged();
        }
    }

    private static RpcException Exchanged() =>
        new(new Status(StatusCode.Unavailable, "the connection to the broker was exchanged for another"));

    private static Metadata Headers(string token) => new() { { "authorization", $"Bearer {token}" } };

    [LoggerMessage(Level = LogLevel.Information, Message = "The CA in {File} has changed; the broker is trusted through the new one")]
    private static partial void LogCaChanged(ILogger log, string file);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The CA that was read before is used on: {Problem}")]
    private static partial void LogCaKept(ILogger log, string problem);
}
