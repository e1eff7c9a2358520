using System.Net;
using System.Security.Authentication;
using System.Threading.Channels;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SidecarAgent.Testing;
using SidecarAgent.V1;
using RpcStatus = Google.Rpc.Status;
using Status = Grpc.Core.Status;

namespace SidecarAgent.Agent.Tests.FakeBroker;

/// <summary>
/// A broker that says what a test tells it to, over real gRPC and TLS. Remembers what it was asked; each kind of call can be
/// awaited in order.
/// </summary>
internal sealed class FakeBroker : SecretBroker.SecretBrokerBase, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly TestCertificates _certificates;
    private readonly FakeSecrets _secrets = new();
    private readonly List<Channel<WatchResponse>> _watchers = [];
    private WebApplication? _web;
    private int _port;
    private RpcException? _refusal;
    private RpcException? _renewalRefusal;

    private FakeBroker(TestCertificates certificates) => _certificates = certificates;

    public Uri Address => new($"https://localhost:{_port}");

    /// <summary>Of every lease from now on.</summary>
    public TimeSpan Ttl => _secrets.Ttl;

    /// <summary>As <see cref="Ttl"/>; null: no limit.</summary>
    public TimeSpan? MaxTtl
    {
        set => _secrets.MaxTtl = value;
    }

    public Calls<WatchRequest> Watches { get; } = new();

    public Calls<FetchRequest> Fetches { get; } = new();

    public Calls<Acknowledgement> Acknowledgements { get; } = new();

    public Calls<RenewRequest> Renewals { get; } = new();

    public Calls<ReleaseRequest> Releases { get; } = new();

    /// <summary>The bearer tokens of all calls, in order.</summary>
    public Calls<string> Tokens { get; } = new();

    public static async Task<FakeBroker> StartAsync(TestCertificates certificates)
    {
        var broker = new FakeBroker(certificates);
        await broker.StartAsync();
        return broker;
    }

    /// <summary>Again on the same port, after <see cref="StopAsync"/>.</summary>
    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(https =>
            {
                https.ServerCertificate = _certificates.Server;
                https.SslProtocols = SslProtocols.Tls13;
            });
        }));
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = null);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(this);
        _web = builder.Build();
        _web.MapGrpcService<FakeBroker>();
        await _web.StartAsync();
        _port = new Uri(_web.Urls.First()).Port;
    }

    /// <summary>As a broker that is killed: connections are cut.</summary>
    public async Task StopAsync()
    {
        EndWatches(StatusCode.Unavailable, "STOPPING");
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await _web!.StopAsync(atOnce.Token);
        await _web.DisposeAsync();
        _web = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_web is not null)
            await StopAsync();
    }

    /// <summary>A new version of each, told to the watchers in one message.</summary>
    public void Put(params (string Path, (string Name, string Value)[] Fields)[] secrets)
    {
        lock (_lock)
        {
            var response = new WatchResponse();
            foreach (var (path, fields) in secrets)
            {
                _secrets.Put(path, fields);
                if (_watchers.Count > 0)
                    response.Updates.Add(_secrets.Issue(path));
            }

            Push(response);
        }
    }

    public void Put(string path, params (string Name, string Value)[] fields) => Put((path, fields));

    public void Push(SecretUpdate update) => Push(new WatchResponse { Updates = { update } });

    /// <summary>Takes a secret away, and tells the watchers in these words.</summary>
    public void TakeAway(SecretUpdate update)
    {
        lock (_lock)
        {
            _secrets.Remove(update.Path);
            Push(update);
        }
    }

    /// <summary>From now on unknown to Renew and to watches.</summary>
    public void EndLease(string lease)
    {
        lock (_lock)
            _secrets.EndLease(lease);
    }

    /// <summary>Every call from now on fails so; null: no longer.</summary>
    public void Refuse(RpcException? refusal)
    {
        lock (_lock)
            _refusal = refusal;
    }

    /// <summary>As <see cref="Refuse"/>, of renewals alone.</summary>
    public void RefuseRenewals(RpcException? refusal)
    {
        lock (_lock)
            _renewalRefusal = refusal;
    }

    /// <summary>Ends all open watches with a status.</summary>
    public void EndWatches(StatusCode code, string reason, TimeSpan? retryAfter = null)
    {
        lock (_lock)
        {
            foreach (var watcher in _watchers)
                watcher.Writer.TryComplete(Error(code, reason, retryAfter));
        }
    }

    public static RpcException Error(StatusCode code, string reason, TimeSpan? retryAfter = null)
    {
        var details = new RpcStatus { Code = (int)code, Message = $"because of {reason}" };
        details.Details.Add(Any.Pack(new ErrorInfo { Reason = reason, Domain = "sidecar-agent.io" }));
        if (retryAfter is { } delay)
            details.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(delay) }));
        return new RpcException(
            new Status(code, details.Message), new Metadata { { "grpc-status-details-bin", details.ToByteArray() } });
    }

    public override async Task Watch(WatchRequest request, IServerStreamWriter<WatchResponse> responseStream, ServerCallContext context)
    {
        var channel = Channel.CreateUnbounded<WatchResponse>();
        lock (_lock)
        {
            Enter(context);
            channel.Writer.TryWrite(new WatchResponse { Updates = { request.Secrets.Select(_secrets.Answer) } });
            _watchers.Add(channel);
        }

        Watches.Add(request);
        try
        {
            await foreach (var response in channel.Reader.ReadAllAsync(context.CancellationToken))
                await responseStream.WriteAsync(response, context.CancellationToken);
        }
        catch (ChannelClosedException error) when (error.InnerException is RpcException end)
        {
            throw end;
        }
        finally
        {
            lock (_lock)
                _watchers.Remove(channel);
        }
    }

    public override Task<FetchResponse> Fetch(FetchRequest request, ServerCallContext context)
    {
        FetchResponse response;
        lock (_lock)
        {
            Enter(context);
            response = new FetchResponse { Updates = { request.Secrets.Select(_secrets.Answer) } };
        }

        Fetches.Add(request);
        return Task.FromResult(response);
    }

    public override Task<AcknowledgeResponse> Acknowledge(AcknowledgeRequest request, ServerCallContext context)
    {
        lock (_lock)
            Enter(context);
        foreach (var acknowledgement in request.Acknowledgements)
            Acknowledgements.Add(acknowledgement);
        return Task.FromResult(new AcknowledgeResponse());
    }

    public override Task<RenewResponse> Renew(RenewRequest request, ServerCallContext context)
    {
        var response = new RenewResponse();
        lock (_lock)
        {
            Enter(context);
            if (_renewalRefusal is not null)
                throw _renewalRefusal;
            response.Renewals.AddRange(request.LeaseIds.Select(_secrets.Renew));
        }

        Renewals.Add(request);
        return Task.FromResult(response);
    }

    public override Task<ReleaseResponse> Release(ReleaseRequest request, ServerCallContext context)
    {
        lock (_lock)
            Enter(context);
        Releases.Add(request);
        return Task.FromResult(new ReleaseResponse());
    }

    private void Enter(ServerCallContext context)
    {
        Tokens.Add(context.RequestHeaders.GetValue("authorization")?["Bearer ".Length..] ?? "");
        if (_refusal is not null)
            throw _refusal;
    }

    private void Push(WatchResponse response)
    {
        lock (_lock)
        {
            foreach (var watcher in _watchers)
                watcher.Writer.TryWrite(response);
        }
    }
}
