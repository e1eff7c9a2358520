using System.Net.Sockets;
using System.Threading.Channels;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Spiffe;

namespace SidecarAgent.Agent.Connection;

/// <summary>
/// The workload token from the SPIFFE Workload API (JWT-SVID) on the node's Unix socket. It is asked for when it is first
/// needed, again when half of its life is over, and when the broker does not want it any longer. While the SPIFFE agent is
/// away the token that is held goes on being used until its end.
/// </summary>
internal sealed partial class SpiffeToken : IWorkloadToken
{
    private const int MaxAnswerBytes = 256 * 1024;

    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    private static readonly Method<JWTSVIDRequest, JWTSVIDResponse> FetchJwtSvid =
        ZeroedMethod.Make<JWTSVIDRequest, JWTSVIDResponse>(
            "SpiffeWorkloadAPI", "FetchJWTSVID", JWTSVIDResponse.Parser);

    private readonly SpiffeIdentity _identity;
    private readonly TimeProvider _time;
    private readonly Func<double> _jitter;
    private readonly ILogger _log;
    private readonly GrpcChannel _channel;
    private readonly CallInvoker _calls;
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(1);
    private volatile JwtSvid? _held;

    public SpiffeToken(SpiffeIdentity identity, TimeProvider time, Func<double> jitter, ILogger<SpiffeToken> log)
    {
        _identity = identity;
        _time = time;
        _jitter = jitter;
        _log = log;
        // The address only names the protocol: every connection goes to the socket.
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxAnswerBytes,
            HttpHandler = new SocketsHttpHandler
            {
                UseProxy = false,
                UseCookies = false,
                AllowAutoRedirect = false,
                ConnectCallback = async (_, token) => await ConnectAsync(identity.SocketPath, token),
            },
        });
        _calls = _channel.CreateCallInvoker();
    }

    public async ValueTask<string> ReadAsync(CancellationToken cancellationToken)
    {
        if (Usable() is { } held)
            return held.Token;
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            return (Usable() ?? await FetchAsync(cancellationToken)).Token;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Refuse(string token)
    {
        if (_held?.Token == token)
            _held = null;
    }

    public async Task KeepFreshAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (true)
        {
            if (_held is not { } held)
            {
                // The next call that needs one asks for it.
                await _changed.Reader.ReadAsync(cancellationToken);
                continue;
            }

            var pause = failures > 0 ? Backoff.Delay(failures, askedFor: null, _jitter()) : held.RefreshAt - _time.GetUtcNow();
            var isAnother = await IsAnotherWithinAsync(pause, cancellationToken);
            failures = isAnother || await RefreshAsync(isFirstTry: failures == 0, cancellationToken) ? 0 : failures + 1;
        }
    }

    public void Dispose()
    {
        _channel.Dispose();
        _oneAtATime.Dispose();
    }

    private JwtSvid? Usable() => _held is { } held && !held.HasEnded(_time.GetUtcNow()) ? held : null;

    /// <summary>Waits so long, or until another token is held.</summary>
    private async Task<bool> IsAnotherWithinAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        if (pause > TimeSpan.Zero)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(_changed.Reader.WaitToReadAsync(over.Token).AsTask(), Task.Delay(pause, _time, over.Token));
            await over.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }

        return _changed.Reader.TryRead(out _);
    }

    private async Task<bool> RefreshAsync(bool isFirstTry, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            await FetchAsync(cancellationToken);
            return true;
        }
        catch (TokenException error)
        {
            if (isFirstTry)
                LogNotRefreshed(_log, error.Message);
            return false;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task<JwtSvid> FetchAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(CallTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var request = new JWTSVIDRequest { Audience = { _identity.Audience } };
            var options = new CallOptions(new Metadata { { "workload.spiffe.io", "true" } }, cancellationToken: either.Token);
            using var call = _calls.AsyncUnaryCall(FetchJwtSvid, host: null, options, request);
            var answer = await call;
            if (answer.Svids.Count == 0)
                throw new TokenException("the SPIFFE agent gave no token");
            _held = JwtSvid.Parse(answer.Svids[0].Svid, _time.GetUtcNow());
            _changed.Writer.TryWrite(true);
            LogReceived(_log, answer.Svids[0].SpiffeId, _held.ExpiresAt);
            return _held;
        }
        catch (RpcException error)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var why = timeout.IsCancellationRequested
                ? $"no answer within {CallTimeout.TotalSeconds:0} s"
                : BrokerProblem.Of(error).Sentence;
            throw new TokenException($"no token from the SPIFFE agent at {_identity.SocketPath}: {why}");
        }
    }

    private static async Task<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The SPIFFE agent says that this workload is {Identity}, until {End:u}")]
    private static partial void LogReceived(ILogger log, string identity, DateTimeOffset end);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The workload token could not be made anew: {Problem}. The present one is used until its end; trying again, logged once until it works")]
    private static partial void LogNotRefreshed(ILogger log, string problem);
}
