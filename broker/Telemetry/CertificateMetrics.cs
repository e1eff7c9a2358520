using System.Diagnostics.Metrics;
using SidecarAgent.Broker.Api;
using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Engines.Pki;

namespace SidecarAgent.Broker.Telemetry;

/// <summary>What Prometheus is told about the broker's certificate, and those of its CAs.</summary>
internal sealed class CertificateMetrics : IDisposable
{
    private readonly Meter _meter;

    public CertificateMetrics(IMeterFactory meters, ServerCertificate certificate, OutsideServers servers)
    {
        _meter = meters.Create(BrokerMetrics.MeterName);
        _meter.CreateObservableGauge(
            "sidecar_broker_certificate_expiry_timestamp", () => certificate.EndsAt.ToUnixTimeSeconds(), "s",
            "When the certificate ends that new connections get.");
        _meter.CreateObservableGauge(
            "sidecar_broker_pki_ca_expiry_timestamp", () => Authorities(servers), "s",
            "When the CA of a mount ends, if it was needed since the start.");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Authorities(OutsideServers servers)
    {
        foreach (var server in servers.All)
        {
            if (server.Accounts is CertificateAuthority { EndsAt: { } end })
                yield return new Measurement<long>(end.ToUnixTimeSeconds(), new KeyValuePair<string, object?>("mount", server.Mount));
        }
    }
}
