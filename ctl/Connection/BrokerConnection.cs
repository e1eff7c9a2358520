using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Connection;

/// <summary>One command's connection. Every call on <see cref="Client"/> carries the token and the deadline.</summary>
internal sealed class BrokerConnection : IDisposable
{
    private readonly GrpcChannel _channel;

    private BrokerConnection(GrpcChannel channel, CallInvoker calls)
    {
        _channel = channel;
        Client = new BrokerAdmin.BrokerAdminClient(calls);
    }

    public BrokerAdmin.BrokerAdminClient Client { get; }

    /// <summary>Nothing is sent before the first call.</summary>
    /// <exception cref="CommandFailedException">The token or the CA cannot be read.</exception>
    public static BrokerConnection Open(BrokerSettings settings, TimeProvider time)
    {
        var metadata = new Metadata();
        if (settings is { Address: BrokerAddress.Remote, TokenFile: { } tokenFile })
            metadata.Add("authorization", $"Bearer {TokenFile.Read(tokenFile)}");

        var channel = settings.Address switch
        {
            BrokerAddress.LocalSocket socket => Channel("http://localhost", Local(socket.Path)),
            BrokerAddress.Remote remote => Channel(remote.ToString(), Tls(settings)),
            _ => throw new InvalidOperationException("There is no other kind of address."),
        };
        return new BrokerConnection(channel, channel.Intercept(new CallerOf(settings, metadata, time)));
    }

    public void Dispose() => _channel.Dispose();

    private static GrpcChannel Channel(string address, SocketsHttpHandler handler) =>
        GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });

    private static SocketsHttpHandler Local(string path) => new()
    {
        UseProxy = false,
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };

    private static SocketsHttpHandler Tls(BrokerSettings settings)
    {
        var options = new SslClientAuthenticationOptions { EnabledSslProtocols = SslProtocols.Tls13 };
        if (settings.Client is var (certFile, keyFile))
            options.ClientCertificates = [ClientCertificate(certFile, keyFile)];
        if (settings.CaFile is { } caFile)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(Certificates(caFile));
        }

        return new SocketsHttpHandler { SslOptions = options };
    }

    private static X509Certificate2 ClientCertificate(string certFile, string keyFile)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(certFile, keyFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw CommandFailedException.Failed($"the client certificate {certFile} and its key {keyFile} cannot be read: {e.Message}", e);
        }
    }

    private static X509Certificate2Collection Certificates(string file)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw CommandFailedException.Failed($"the CA file cannot be read: {e.Message}", e);
        }

        return certificates.Count > 0
            ? certificates
            : throw CommandFailedException.Failed($"the CA file {file} holds no certificate in PEM form");
    }

    /// <summary>Gives every call what it must carry, and its failures the name of the broker that was asked.</summary>
    private sealed class CallerOf(BrokerSettings settings, Metadata metadata, TimeProvider time) : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            var options = context.Options
                .WithHeaders(metadata)
                .WithDeadline(time.GetUtcNow().UtcDateTime + settings.Timeout);
            var call = continuation(
                request, new ClientInterceptorContext<TRequest, TResponse>(context.Method, context.Host, options));
            return new AsyncUnaryCall<TResponse>(
                ExplainAsync(call.ResponseAsync), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
        }

        /// <summary>A stream has no deadline: it lasts as long as what it tells of.</summary>
        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
        {
            var options = context.Options.WithHeaders(metadata);
            var call = continuation(
                request, new ClientInterceptorContext<TRequest, TResponse>(context.Method, context.Host, options));
            return new AsyncServerStreamingCall<TResponse>(
                new ExplainedStream<TResponse>(call.ResponseStream, settings),
                call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
        }

        private async Task<TResponse> ExplainAsync<TResponse>(Task<TResponse> response)
        {
            try
            {
                return await response;
            }
            catch (RpcException e)
            {
                throw BrokerFailure.Explain(e, settings);
            }
        }
    }
}
