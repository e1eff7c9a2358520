using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SidecarAgent.Broker.Telemetry;

/// <summary>What <c>/readyz</c> answers: 200 or 503, and one line for each check.</summary>
internal static class Readiness
{
    public static HealthCheckOptions Options { get; } = new() { ResponseWriter = WriteAsync };

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(string.Concat(report.Entries.Select(Line)));
    }

    private static string Line(KeyValuePair<string, HealthReportEntry> entry) =>
        entry.Value.Status == HealthStatus.Healthy
            ? $"{entry.Key}: ok\n"
            : $"{entry.Key}: {entry.Value.Description?.ReplaceLineEndings(" ") ?? "not ok"}\n";
}
