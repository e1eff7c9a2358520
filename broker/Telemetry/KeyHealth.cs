using Microsoft.Extensions.Diagnostics.HealthChecks;
using SidecarAgent.Broker.Crypto;

namespace SidecarAgent.Broker.Telemetry;

/// <summary>
/// Whether the HSM or KMS can be used. If not, the broker still serves what it has in memory, leases and watches: it stays
/// ready, and says so.
/// </summary>
internal sealed class KeyHealth(KeyRing keys) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var away = keys.Services.Where(service => service.Problem is not null)
            .Select(service => $"{service.Name} cannot be used: {service.Problem}").ToList();
        return Task.FromResult(away.Count > 0
            ? HealthCheckResult.Degraded(string.Join("; ", away))
            : HealthCheckResult.Healthy());
    }
}
