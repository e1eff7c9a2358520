using Microsoft.Extensions.Diagnostics.HealthChecks;
using SidecarAgent.Broker.Policy;

namespace SidecarAgent.Broker.Telemetry;

/// <summary>
/// Whether the policies in force are those in the directory. If not, the broker still serves by the old ones.
/// </summary>
internal sealed class PolicyHealth(PolicySource policies) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(policies.LastProblem is { } problem
            ? HealthCheckResult.Degraded($"the previous policies stay in force: {problem}")
            : HealthCheckResult.Healthy());
}
