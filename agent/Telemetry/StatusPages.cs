using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace SidecarAgent.Agent.Telemetry;

/// <summary>
/// What <c>/metrics</c>, <c>/healthz</c> and <c>/readyz</c> answer: OpenTelemetry's exporter and two pages of ours, as a
/// pipeline of ASP.NET without its server and host, which weigh more than the rest of the agent's listener (docs/adr/0008).
/// </summary>
internal sealed class StatusPages : IDisposable
{
    /// <summary>Secrets that a changed configuration may add and that are still told by name; others count together.</summary>
    private const int AddedSecrets = 8;

    private readonly ServiceProvider _services;
    private readonly RequestDelegate _answer;

    /// <param name="readiness">Asked at each request.</param>
    /// <param name="secrets">How many secrets there are: bounds what the metrics may hold.</param>
    public StatusPages(Func<Readiness> readiness, int secrets)
    {
        var services = new ServiceCollection();
        services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService("sidecar-agent", autoGenerateServiceInstanceId: false))
            .AddMeter(AgentMetrics.MeterName)
            // Without a limit OpenTelemetry prepares for 2,000 label sets of each instrument. Two it keeps for itself.
            .AddView(instrument => new MetricStreamConfiguration
            {
                CardinalityLimit = ((secrets + AddedSecrets) * (instrument.Name == AgentMetrics.LeaseRenewals ? 3 : 1)) + 2,
            })
            .AddPrometheusExporter(exporter =>
            {
                exporter.ScrapeResponseCacheDurationMilliseconds = 0;
                exporter.ScopeInfoEnabled = false;
            }));
        _services = services.BuildServiceProvider();
        var pipeline = new ApplicationBuilder(_services);
        pipeline.UseOpenTelemetryPrometheusScrapingEndpoint();
        pipeline.Run(context => AnswerAsync(context, readiness));
        _answer = pipeline.Build();
    }

    /// <summary>Answers into the context's response; an unknown path is answered with 404.</summary>
    public Task AnswerAsync(HttpContext context) => _answer(context);

    public void Dispose() => _services.Dispose();

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
}
