using System.Diagnostics.Metrics;
using Grpc.AspNetCore.Server;
using Grpc.Reflection;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using SidecarAgent.Broker.Api;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Detection;
using SidecarAgent.Broker.Engines;
using SidecarAgent.Broker.Engines.Pki;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Limits;
using SidecarAgent.Broker.Rotation;
using SidecarAgent.Broker.Telemetry;
using SidecarAgent.Broker.Watch;

namespace SidecarAgent.Broker;

/// <summary>Puts the broker together: its parts, its listeners, its endpoints.</summary>
internal static class BrokerApplication
{
    /// <summary>A request of an operator, with the largest secret there is, and some room.</summary>
    private const int MaxRequest = 1024 * 1024;

    /// <summary>A request of a workload, with as many secrets as it can be about and all fields of each named.</summary>
    private const int MaxWorkloadRequest = 640 * 1024;

    /// <summary>How long calls have to finish when the broker stops.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(10);

    public static WebApplication Build(
        BrokerOptions options, BrokerParts parts, TimeProvider clock, Action<ILoggingBuilder> logging,
        AccountServerFactory connect)
    {
        // Empty: no appsettings.json, no environment variable and no command line changes what broker.yaml says.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        logging(builder.Logging);
        builder.WebHost.UseKestrelCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = DrainTime);
        AddParts(builder.Services, options, parts, clock);
        AddEngines(builder.Services, options, parts, clock, connect);
        AddServing(builder.Services);
        builder.Services.AddOptions<KestrelServerOptions>()
            .Configure<ServerCertificate, Handshakes, OpenConnections, NewestConnections>(
                (kestrel, certificate, handshakes, open, newest) => Listen(kestrel, options, certificate, handshakes, open, newest));

        var application = builder.Build();
        Map(application);
        // Nobody asks for it but Prometheus, and it must be there for that.
        application.Services.GetRequiredService<KeyMetrics>();
        application.Services.GetRequiredService<CertificateMetrics>();
        application.Services.GetRequiredService<StorageMetrics>();
        application.Services.GetRequiredService<DetectionMetrics>();
        return application;
    }

    private static void AddParts(IServiceCollection services, BrokerOptions options, BrokerParts parts, TimeProvider clock)
    {
        services.AddSingleton(clock);
        services.AddSingleton(parts.Database);
        services.AddSingleton(parts.CutOffs);
        services.AddSingleton(parts.Policies);
        services.AddSingleton(parts.Audit);
        services.AddSingleton(parts.Key);
        services.AddSingleton<KeyKeeping>();
        services.AddSingleton<KeyMetrics>();
        services.AddSingleton(options.Audit);
        services.AddSingleton<AuditCheckpoints>();
        services.AddSingleton<AuditHistory>();
        services.AddSingleton(options.Tls);
        services.AddSingleton(options.Issuers);
        services.AddSingleton<TrustedIssuers>();
        services.AddSingleton<TokenVerifier>();
        services.AddSingleton(options.Admins);
        services.AddSingleton(options.Admins.Subjects);
        services.AddSingleton(options.Admins.Certificates);
        services.AddSingleton<OperatorCertificates>();
        services.AddSingleton<IdentityMetrics>();
        services.AddSingleton<WatchedTokens>();
        services.AddSingleton<OperatorVerifier>();
        services.AddSingleton<LeaseBook>();
        services.AddSingleton<Watchers>();
        services.AddSingleton<BrokerMetrics>();
        services.AddSingleton(options.Rotation);
        services.AddRotation();
        services.AddSingleton(options.Detection);
        services.AddSingleton<DetectionMetrics>();
        services.AddSingleton<FirstAccesses>();
        services.AddSingleton<Spreads>();
        services.AddSingleton<Detector>();
        services.AddSingleton<CertificateMetrics>();
        services.AddSingleton<StorageMetrics>();
        services.AddSingleton<Gate>();
        services.AddSingleton<Reaper>();
        services.AddSingleton<ServerCertificate>();
        services.AddSingleton<Handshakes>();
        services.AddSingleton<OpenConnections>();
        services.AddSingleton<NewestConnections>();
        services.AddSingleton<Farewell>();
        services.AddSingleton<Loops>();
        services.AddSingleton(IdleMemory.OfThisProcess(clock));
        services.AddSingleton<Authentication>();
        services.AddSingleton<Strangers>();
    }

    private static void AddEngines(
        IServiceCollection services, BrokerOptions options, BrokerParts parts, TimeProvider clock, AccountServerFactory connect)
    {
        var stored = options.Mounts.Where(mount => mount.Engine == EngineKind.Kv).Select(mount => mount.Path).ToHashSet();
        services.AddSingleton(new FieldSealer(parts.Key));
        services.AddSingleton(s => new KeyValueEngine(parts.Database, s.GetRequiredService<FieldSealer>(), stored, clock)
        {
            MaxVersions = options.Mounts.ToDictionary(mount => mount.Path, mount => mount.MaxVersions),
        });
        services.AddSingleton(s => new OutsideServers(
            options.Mounts,
            mount => mount.Pki is { } pki
                ? new CertificateAuthority(mount.Path, pki, parts.Database, s.GetRequiredService<FieldSealer>(), clock)
                : connect(mount),
            clock, s.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IReadOnlyList<RotatedAccounts>>(s =>
        [
            .. options.Mounts.Where(mount => mount.Rotated.Count > 0)
                .Select(mount => new RotatedAccounts(mount.Path, mount.Rotated, s.GetRequiredService<KeyValueEngine>())),
        ]);
        services.AddSingleton(s => new Mounts(Engines(options, s)));
        services.AddSingleton(options.Limits);
        services.AddSingleton<CallRates>();
        services.AddSingleton<UnreadRequests>();
        services.AddSingleton(options.Leases);
        services.AddSingleton<CredentialMaker>();
        services.AddSingleton<CredentialExtension>();
        services.AddSingleton<Revocations>();
    }

    private static Dictionary<string, ISecretEngine> Engines(BrokerOptions options, IServiceProvider services)
    {
        var engines = options.Mounts.ToDictionary(
            mount => mount.Path,
            ISecretEngine (mount) => mount.Dynamic is null
                ? services.GetRequiredService<KeyValueEngine>()
                : new DynamicEngine(services.GetRequiredService<OutsideServers>().At(mount.Path)));
        foreach (var rotated in services.GetRequiredService<IReadOnlyList<RotatedAccounts>>())
            engines.Add($"{rotated.Mount}/{RotatedAccounts.Segment}", rotated);
        return engines;
    }

    private static void AddServing(IServiceCollection services)
    {
        services.AddRouting();
        services.AddSingleton<CallInterceptor>();
        services.AddSingleton<SecretBrokerService>();
        services.AddSingleton<BrokerAdminService>();
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = MaxRequest;
            grpc.Interceptors.Add<CallInterceptor>();
        })
            .AddServiceOptions<SecretBrokerService>(workloads => workloads.MaxReceiveMessageSize = MaxWorkloadRequest)
            .AddServiceOptions<ReflectionServiceImpl>(reflection => reflection.MaxReceiveMessageSize = Strangers.MaxMessage)
            .AddServiceOptions<ReflectionV1ServiceImpl>(reflection => reflection.MaxReceiveMessageSize = Strangers.MaxMessage);
        // Its limit is on what comes, and not on what that is unpacked to, which may be a thousand times as much. Afterwards:
        // while there are none, it adds its own.
        services.PostConfigure<GrpcServiceOptions>(grpc => grpc.CompressionProviders.Clear());
        services.AddGrpcReflection();
        services.AddGrpcHealthChecks().AddCheck<StorageHealth>("storage").AddCheck<PolicyHealth>("policies")
            .AddCheck<KeyHealth>("keys");
        services.AddMetrics();
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("sidecar-broker", autoGenerateServiceInstanceId: false))
            .WithMetrics(metrics => metrics
                .AddMeter(BrokerMetrics.MeterName)
                .AddPrometheusExporter(exporter => exporter.ScopeInfoEnabled = false));
        // Its own meters only, and not those of the same name of another broker in this process, as in tests.
        services.ConfigureOpenTelemetryMeterProvider((provider, metrics) =>
        {
            var own = provider.GetRequiredService<IMeterFactory>();
            metrics.AddView(instrument => instrument.Meter.Scope == own ? null : MetricStreamConfiguration.Drop);
        });
        services.Configure<SocketTransportOptions>(sockets =>
        {
            sockets.CreateBoundListenSocket = AdminSocket.Bind;
            // Thousands of agents may come at the same moment; who finds no room tries again only after a second.
            sockets.Backlog = 4096;
        });
    }

    private static void Listen(
        KestrelServerOptions kestrel, BrokerOptions options, ServerCertificate certificate, Handshakes handshakes,
        OpenConnections open, NewestConnections newest)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxRequest;
        // An agent whose node has died must not count as connected for ever.
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        kestrel.Listen(options.Listen, listen =>
        {
            Mark(listen, Listener.Tls, HttpProtocols.Http2);
            listen.Use(next => connection => open.CountAsync(connection, next));
            listen.Use(next => connection => handshakes.BeginAsync(connection, next));
            listen.UseHttps((_, _, _, _) => ValueTask.FromResult(certificate.Current), state: null!);
            listen.Use(next => connection => Handshakes.EndAsync(connection, next));
        });
        kestrel.Listen(options.MetricsListen, listen =>
        {
            Mark(listen, Listener.Metrics, HttpProtocols.Http1);
            listen.Use(next => connection => newest.KeepAsync(connection, next));
        });
        if (options.Admins.Socket is { } socket)
            kestrel.ListenUnixSocket(socket, listen => Mark(listen, Listener.AdminSocket, HttpProtocols.Http2));
    }

    private static void Mark(ListenOptions listen, Listener listener, HttpProtocols protocols)
    {
        listen.Protocols = protocols;
        listen.Use(next => connection =>
        {
            var peer = listener == Listener.AdminSocket && connection.Features.Get<IConnectionSocketFeature>() is { } socket
                ? PeerCredentials.Of(socket.Socket)
                : null;
            connection.Features.Set(new ConnectedThrough(listener, peer));
            return next(connection);
        });
    }

    private static void Map(WebApplication application)
    {
        application.UseRouting();
        application.Use(ServedOn.HideElsewhereAsync);
        // Looked up at the first call: what it needs makes meters, whose first zeros nobody hears before the host has started.
        application.Use((context, next) => application.Services.GetRequiredService<Strangers>().MeetAsync(context, next));

        var workloads = new ServedOn(Listener.Tls);
        var both = new ServedOn(Listener.Tls, Listener.AdminSocket);
        var metrics = new ServedOn(Listener.Metrics);
        application.MapGrpcService<SecretBrokerService>().WithMetadata(workloads);
        application.MapGrpcService<BrokerAdminService>().WithMetadata(both);
        application.MapGrpcHealthChecksService().WithMetadata(both);
        application.MapGrpcReflectionService().WithMetadata(both);
        application.MapPrometheusScrapingEndpoint("/metrics").WithMetadata(metrics);
        application.MapGet("/pki/{mount}/{file}", RevocationLists.ServeAsync).WithMetadata(metrics);
        application.MapGet("/healthz", () => "ok\n").WithMetadata(metrics);
        application.MapHealthChecks("/readyz", Readiness.Options).WithMetadata(metrics);
    }
}
