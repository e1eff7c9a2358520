using System.Diagnostics.Metrics;

namespace SidecarAgent.Agent.Telemetry;

/// <summary>
/// What the agent counts, one method for each event. Labels are names of secrets, of which the configuration has a bounded
/// number, and fixed words. What is merely looked at when it is scraped is in <see cref="AgentGauges"/>.
/// </summary>
internal sealed class AgentMetrics : IDisposable
{
    public const string MeterName = "SidecarAgent.Agent";

    private readonly Counter<long> _renewals;
    private readonly Counter<long> _renderFailures;
    private readonly Counter<long> _notifications;
    private readonly Counter<long> _reconnects;
    private readonly Histogram<double> _rotation;

    public AgentMetrics()
    {
        // The exporter adds _total to counters; units are in the names already.
        Meter = new Meter(MeterName);
        _renewals = Meter.CreateCounter<long>("sidecar_agent_lease_renewals", description: "Lease renewals, by secret and result (ok, ended, failed).");
        _renderFailures = Meter.CreateCounter<long>("sidecar_agent_render_failures", description: "Sets of versions that could not be rendered.");
        _notifications = Meter.CreateCounter<long>("sidecar_agent_notifications", description: "Notifications of the application, by result (ok, failed).");
        _reconnects = Meter.CreateCounter<long>("sidecar_agent_reconnects", description: "Watches opened after the first.");
        _rotation = Meter.CreateHistogram<double>(
            "sidecar_agent_rotation_seconds",
            description: "From a version's activation at the broker to its file being visible.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300] });
    }

    public Meter Meter { get; }

    public void Renewed(string secret, string result) =>
        _renewals.Add(1, new KeyValuePair<string, object?>("secret", secret), new KeyValuePair<string, object?>("result", result));

    public void RenderFailed() => _renderFailures.Add(1);

    public void Notified(string result) => _notifications.Add(1, new KeyValuePair<string, object?>("result", result));

    public void Reconnected() => _reconnects.Add(1);

    /// <summary>The two clocks need not agree: less than nothing counts as nothing.</summary>
    public void Rotated(TimeSpan sinceActivation) => _rotation.Record(Math.Max(0, sinceActivation.TotalSeconds));

    public void Dispose() => Meter.Dispose();
}
