using System.Diagnostics.Metrics;
using SidecarAgent.Agent.Connection;
using SidecarAgent.Agent.Leases;
using SidecarAgent.Agent.Sync;

namespace SidecarAgent.Agent.Telemetry;

/// <summary>What is looked at when somebody scrapes.</summary>
internal static class AgentGauges
{
    public static void Register(Meter meter, Func<SyncStatus> status, LeaseBook leases, BrokerLink link, TimeProvider time)
    {
        meter.CreateObservableGauge(
            "sidecar_agent_lease_expiry_timestamp_seconds",
            () => leases.All().Select(lease => new Measurement<double>(Seconds(lease.ExpiresAt), Secret(lease.Path))),
            description: "When the lease of a secret ends unless it is renewed, as Unix time.");
        meter.CreateObservableGauge(
            "sidecar_agent_secret_version",
            () => status().Secrets
                .Where(secret => secret.Version > 0)
                .Select(secret => new Measurement<long>((long)secret.Version, Secret(secret.Path))),
            description: "The version that the files are made of.");
        meter.CreateObservableGauge(
            "sidecar_agent_generation_timestamp_seconds",
            () => status().Current is { } generation ? [new Measurement<double>(Seconds(generation.Written))] : Array.Empty<Measurement<double>>(),
            description: "When the current generation of files was written, as Unix time.");
        meter.CreateObservableGauge(
            "sidecar_agent_broker_connected", () => link.IsUp ? 1 : 0, description: "1 while a watch is open at the broker.");
        meter.CreateObservableGauge(
            "sidecar_agent_stale",
            () => leases.All().Count(lease => lease.HasEnded(time.GetUtcNow())),
            description: "Secrets whose lease has passed its end while their files are still there.");
    }

    private static KeyValuePair<string, object?> Secret(string path) => new("secret", path);

    private static double Seconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000.0;
}
