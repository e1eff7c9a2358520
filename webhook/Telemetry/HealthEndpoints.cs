using SidecarAgent.Webhook.Tls;

namespace SidecarAgent.Webhook.Telemetry;

/// <summary>Alive: the program answers. Ready: its certificate is one that the API server can accept now.</summary>
internal sealed class HealthEndpoints(ServerCertificate certificate, TimeProvider time)
{
    public static Task AliveAsync(HttpContext context) => context.Response.WriteAsync("alive\n", context.RequestAborted);

    public Task ReadyAsync(HttpContext context)
    {
        if (certificate.IsValidAt(time.GetUtcNow()))
            return context.Response.WriteAsync("ready\n", context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsync(
            $"not ready: the certificate in use ends at {certificate.NotAfter:u}, or is not valid yet\n", context.RequestAborted);
    }
}
