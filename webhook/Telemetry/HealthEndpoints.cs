using SidecarAgent.Webhook.Tls;

namespace SidecarAgent.Webhook.Telemetry;

/// <summary>Alive: the program answers. Ready: its certificate is one that the API server can accept now.</summary>
internal sealed class HealthEndpoints(ServerCertificate certificate, Departure departure, TimeProvider time)
{
    public static Task AliveAsync(HttpContext context) => context.Response.WriteAsync("alive\n", context.RequestAborted);

    public Task ReadyAsync(HttpContext context)
    {
        if (!departure.HasBegun && certificate.IsValidAt(time.GetUtcNow()))
            return context.Response.WriteAsync("ready\n", context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        var reason = departure.HasBegun ? "it is stopping"
            : certificate.NotAfter is { } end
            ? $"the certificate in use ends at {end:u}, or is not valid yet"
            : $"there is no certificate yet: {certificate.Missing}";
        return context.Response.WriteAsync($"not ready: {reason}\n", context.RequestAborted);
    }
}
