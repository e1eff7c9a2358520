using System.Diagnostics.Metrics;
using SidecarAgent.Broker.Crypto;

namespace SidecarAgent.Broker.Telemetry;

/// <summary>What the broker tells Prometheus about its keys.</summary>
internal sealed class KeyMetrics : IDisposable
{
    private readonly Meter _meter;

    public KeyMetrics(IMeterFactory meters, KeyRing keys)
    {
        _meter = meters.Create(BrokerMetrics.MeterName);
        _meter.CreateObservableGauge(
            "sidecar_broker_key_service_up",
            () => keys.Services.All(service => service.Problem is null) ? 1 : 0,
            description: "1 while every HSM and KMS that holds a key-encryption key can be used; always 1 with keys in files.");
        _meter.CreateObservableGauge(
            "sidecar_broker_data_keys_in_memory", () => keys.KeptKeys,
            description: "Unwrapped data keys that are kept, so that an HSM or KMS need not be asked for each value.");
    }

    public void Dispose() => _meter.Dispose();
}
