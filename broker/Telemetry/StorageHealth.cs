using Microsoft.Extensions.Diagnostics.HealthChecks;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Telemetry;

/// <summary>Whether the database answers.</summary>
internal sealed class StorageHealth(Database database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (database.Problem is { } problem)
            return HealthCheckResult.Unhealthy(problem.Message);
        try
        {
            await database.ReadAsync(s => s.Statement("SELECT 1").NumberAsync(cancellationToken), cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (StorageUnavailableException e)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }
}
