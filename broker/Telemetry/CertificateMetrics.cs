using System.Diagnostics.Metrics;
using SidecarAgent.Broker.Api;

namespace SidecarAgent.Broker.Telemetry;

/// <summary>What Prometheus is told about the broker's certificate.</summary>
internal sealed class CertificateMetrics : IDisposable
{
    private readonly Meter _meter;

    public CertificateMetrics(IMeterFactory meters, ServerCertificate certificate)
    {
        _meter = meters.Create(BrokerMetrics.MeterName);
        _meter.CreateObservableGauge(
            "sidecar_broker_certificate_expiry_timestamp", () => certificate.EndsAt.ToUnixTimeSeconds(), "s",
            "When the certificate ends that new connections get.");
    }

    public void Dispose() => _meter.Dispose();
}
