using OpenTelemetry.Metrics;
using SidecarAgent.Webhook.Admission;
using SidecarAgent.Webhook.Configuration;
using SidecarAgent.Webhook.Injection;
using SidecarAgent.Webhook.Kubernetes;
using SidecarAgent.Webhook.Telemetry;
using SidecarAgent.Webhook.Tls;

namespace SidecarAgent.Webhook;

/// <summary>Puts the program together: two listeners, one for the API server over TLS, one for metrics and probes.</summary>
internal static class WebhookServer
{
    private const int MaxSeriesPerMetric = 64;
    private static readonly TimeSpan FinishesWithin = TimeSpan.FromSeconds(10);

    /// <param name="options">A configuration that was read.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cluster">The API server; null if there is none, and then there is no certificate unless it comes from files.</param>
    /// <exception cref="IOException">A file that it names cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file that it names may not be read.</exception>
    /// <exception cref="InvalidDataException">A file that it names cannot be used.</exception>
    public static WebApplication Build(WebhookOptions options, TimeProvider time, ClusterAccess? cluster = null)
    {
        var certificate = new ServerCertificate();
        var injection = new LiveInjectionSettings(options.Injection);
        FileWatch[] watches =
        [
            .. options.CertificateFiles is { } files ? [certificate.Watch(files)] : Array.Empty<FileWatch>(),
            injection.WatchAuthorities(options.BrokerCaFile),
        ];
        foreach (var watch in watches)
            watch.Poll();

        // The empty builder: no appsettings.json, no ASPNETCORE_ variables; webhook.yaml alone decides.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "sidecar-webhook" });
        builder.Host.UseConsoleLifetime();
        AddLogging(builder.Logging);
        var services = builder.Services;
        services.AddRoutingCore();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Drain + FinishesWithin);
        services.AddSingleton(time);
        services.AddSingleton(_ => new WebhookMetrics(() => certificate.NotAfter));
        services.AddSingleton<Func<InjectionSettings>>(() => injection.Current);
        services.AddSingleton<LargeBodies>();
        services.AddSingleton<MutateEndpoint>();
        services.AddSingleton(_ => new Departure(options.Drain, time));
        services.AddHostedService(provider => provider.GetRequiredService<Departure>());
        services.AddHostedService(provider => new ReloadLoop(watches, time, provider.GetRequiredService<ILogger<ReloadLoop>>()));
        if (cluster is not null)
            ClusterWork.AddTo(services, options, cluster, certificate, time);
        AddMetrics(services);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Listeners.Configure(kestrel, options, certificate));

        var app = builder.Build();
        var mutate = app.Services.GetRequiredService<MutateEndpoint>();
        var health = new HealthEndpoints(certificate, app.Services.GetRequiredService<Departure>(), time);
        // The two listeners are told apart by TLS: reviews only over it, metrics only without.
        app.MapPost("/mutate", Only(isTls: true, mutate.InvokeAsync));
        app.MapGet("/healthz", HealthEndpoints.AliveAsync);
        app.MapGet("/readyz", health.ReadyAsync);
        app.UseWhen(context => !context.Request.IsHttps, plain => plain.UseOpenTelemetryPrometheusScrapingEndpoint());
        // It listens from its creation on.
        app.Services.GetRequiredService<MeterProvider>();
        app.Services.GetRequiredService<WebhookMetrics>().BeginAtZero();
        return app;
    }

    private static RequestDelegate Only(bool isTls, RequestDelegate endpoint) => context =>
    {
        if (context.Request.IsHttps == isTls)
            return endpoint(context);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    };

    private static void AddLogging(ILoggingBuilder logging)
    {
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
    }

    private static void AddMetrics(IServiceCollection services) => services.AddOpenTelemetry().WithMetrics(metrics => metrics
        .AddMeter(WebhookMetrics.MeterName)
        .AddView(instrument => instrument.Name == WebhookMetrics.Duration
            ? new ExplicitBucketHistogramConfiguration { Boundaries = WebhookMetrics.Buckets, CardinalityLimit = MaxSeriesPerMetric }
            : new MetricStreamConfiguration { CardinalityLimit = MaxSeriesPerMetric })
        .AddPrometheusExporter(exporter =>
        {
            exporter.ScopeInfoEnabled = false;
            exporter.TargetInfoEnabled = false;
        }));
}
