using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace SidecarAgent.Agent.Telemetry;

/// <summary>Serves <c>/metrics</c>, <c>/healthz</c> and <c>/readyz</c> in plain HTTP: nothing there is secret.</summary>
internal sealed class StatusListener : IAsyncDisposable
{
    /// <summary>Connections at once; a scraper and two probes need three.</summary>
    private const int MaxConnections = 32;

    private readonly WebApplication _web;

    private StatusListener(WebApplication web) => _web = web;

    /// <param name="listen">Port 0: any free one.</param>
    /// <param name="readiness">Asked at each request.</param>
    /// <param name="secrets">How many secrets there are: bounds what the metrics may hold.</param>
    /// <param name="logs">For what goes wrong in the web server.</param>
    /// <param name="cancellationToken">Stops the start.</param>
    /// <exception cref="IOException">The address cannot be had.</exception>
    public static async Task<StatusListener> StartAsync(
        IPEndPoint listen, Func<Readiness> readiness, int secrets, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        // The empty builder: no configuration files, no environment, no default logging, a quarter of the memory.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
            kestrel.Listen(listen);
        });
        builder.Services.AddSingleton(logs);
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, SilentLifetime>());
        builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService(
            "sidecar-agent", autoGenerateServiceInstanceId: false)).WithMetrics(metrics => metrics
            .AddMeter(AgentMetrics.MeterName)
            // Without a limit OpenTelemetry prepares for 2,000 label sets of each instrument. Renewals have the most:
            // three results for each secret, and two that OpenTelemetry keeps for itself.
            .AddView(instrument => new MetricStreamConfiguration { CardinalityLimit = (secrets * 3) + 2 })
            .AddPrometheusExporter(exporter => exporter.ScrapeResponseCacheDurationMilliseconds = 0));
        var web = builder.Build();
        web.UseOpenTelemetryPrometheusScrapingEndpoint();
        web.Run(context => AnswerAsync(context, readiness));
        await web.StartAsync(cancellationToken);
        return new StatusListener(web);
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => new(_web.Urls.First());

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private static Task AnswerAsync(HttpContext context, Func<Readiness> readiness)
    {
        switch (context.Request.Path.Value)
        {
            case "/healthz":
                return context.Response.WriteAsync("ok\n");
            case "/readyz":
                var ready = readiness();
                context.Response.StatusCode = ready.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
                context.Response.ContentType = "application/json";
                return context.Response.Body.WriteAsync(ready.ToJson()).AsTask();
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
        }
    }

    /// <summary>Signals are the program's business: it has files to scrub.</summary>
    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
