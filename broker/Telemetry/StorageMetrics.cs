using System.Diagnostics.Metrics;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Telemetry;

/// <summary>What Prometheus is told about the connection to the broker's own database. A file is never away.</summary>
internal sealed class StorageMetrics : IDisposable
{
    private readonly Meter _meter;

    public StorageMetrics(IMeterFactory meters, Database database)
    {
        _meter = meters.Create(BrokerMetrics.MeterName);
        _meter.CreateObservableGauge(
            "sidecar_broker_storage_connected", () => database.Problem is null ? 1 : 0,
            description: "1 while there is a connection to the database that may write; always 1 with SQLite.");
        // A loss may be over before anybody has looked.
        _meter.CreateObservableCounter(
            "sidecar_broker_storage_connections_lost", () => database.Losses,
            description: "Times that the connection to the database that may write was lost.");
    }

    public void Dispose() => _meter.Dispose();
}
