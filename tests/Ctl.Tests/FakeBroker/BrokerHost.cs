using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SidecarAgent.Ctl.Tests.FakeBroker;

/// <summary>A <see cref="RecordingBroker"/> behind a real gRPC server: on a Unix socket, or on TLS on loopback.</summary>
internal sealed class BrokerHost : IAsyncDisposable
{
    private readonly WebApplication _server;

    private BrokerHost(WebApplication server, RecordingBroker broker, string address)
    {
        _server = server;
        Broker = broker;
        Address = address;
    }

    public RecordingBroker Broker { get; }

    /// <summary>As --broker takes it.</summary>
    public string Address { get; }

    public static async Task<BrokerHost> OnSocketAsync(string path)
    {
        var (server, broker) = await StartAsync(kestrel =>
            kestrel.ListenUnixSocket(path, listen => listen.Protocols = HttpProtocols.Http2));
        return new BrokerHost(server, broker, $"unix://{path}");
    }

    public static async Task<BrokerHost> OnTlsAsync(X509Certificate2 certificate)
    {
        var (server, broker) = await StartAsync(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(certificate);
        }));
        var address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new BrokerHost(server, broker, address);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static async Task<(WebApplication Server, RecordingBroker Broker)> StartAsync(Action<KestrelServerOptions> listen)
    {
        var broker = new RecordingBroker();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(listen);
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(broker);
        var server = builder.Build();
        server.MapGrpcService<RecordingBroker>();
        await server.StartAsync();
        return (server, broker);
    }
}
