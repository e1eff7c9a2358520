using System.Diagnostics.Metrics;
using SidecarAgent.Broker.Leases;

namespace SidecarAgent.Broker.Telemetry;

/// <summary>
/// What Prometheus is told about suspicious accesses. Without labels: every counter is there from the start, so that the
/// first event is an increase; the audit log says who and what.
/// </summary>
internal sealed class DetectionMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _canaries;
    private readonly Counter<long> _firsts;
    private readonly Counter<long> _unusual;

    public DetectionMetrics(IMeterFactory meters, CutOffs cutOffs)
    {
        _meter = meters.Create(BrokerMetrics.MeterName);
        _canaries = Counter("sidecar_broker_canary_trips", "Canary secrets that a workload has asked for.");
        _firsts = Counter("sidecar_broker_first_accesses", "Secrets that a workload was given for the first time.");
        _unusual = Counter(
            "sidecar_broker_unusual_accesses", "Workloads that have asked for more different secrets than is usual.");
        _meter.CreateObservableGauge(
            "sidecar_broker_cut_offs", () => cutOffs.Current.Count, description: "Cut-offs that are in force.");
    }

    public void CanaryTripped() => _canaries.Add(1);

    public void FirstAccesses(int count) => _firsts.Add(count);

    public void Unusual() => _unusual.Add(1);

    public void Dispose() => _meter.Dispose();

    private Counter<long> Counter(string name, string description)
    {
        var counter = _meter.CreateCounter<long>(name, description: description);
        counter.Add(0);
        return counter;
    }
}
