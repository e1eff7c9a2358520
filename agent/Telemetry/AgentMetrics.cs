using System.Diagnostics.Metrics;

namespace SidecarAgent.Agent.Telemetry;

/// <summary>
/// What the agent counts, one method for each event. Labels are names of secrets, of which the configuration has a bounded
/// number, and fixed words. What is merely looked at when it is scraped is in <see cref="AgentGauges"/>.
/// </summary>
internal sealed class AgentMetrics : IDisposable
{
    public const string MeterName = "SidecarAgent.Agent";

    /// <summary>The one counter with several results for each secret.</summary>
    public const string LeaseRenewals = "sidecar_agent_lease_renewals";

    private readonly Counter<long> _renewals;
    private readonly Counter<long> _renderFailures;
    private readonly Counter<long> _notifications;
    private readonly Counter<long> _reconnects;
    private readonly Histogram<double> _rotation;

    public AgentMetrics()
    {
        // The exporter adds _total to counters; units are in the names already.
        Meter = new Meter(MeterName);
        _renewals = Meter.CreateCounter<long>(LeaseRenewals, description: "Lease renewals, by secret and result (ok, ended, failed).");
        _renderFailures = Meter.CreateCounter<long>("sidecar_agent_render_failures", description: "Sets of versions that could not be rendered.");
        _notifications = Meter.CreateCounter<long>("sidecar_agent_notifications", description: "Notifications of the application, by result (ok, failed).");
        _reconnects = Meter.CreateCounter<long>("sidecar_agent_reconnects", description: "Watches opened after the first.");
        _rotation = Meter.CreateHistogram<double>(
            "sidecar_agent_rotation_seconds",
            description: "From a version's activation at the broker to its file being visible.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300] });
    }

    public Meter Meter { get; }

    /// <summary>
    /// Shows what alerts count as 0 instead of not at all: a series that begins with its first event has no increase for it.
    /// To be called once somebody listens.
    /// </summary>
    public void BeginAtZero()
    {
        _renderFailures.Add(0);
        _reconnects.Add(0);
        CountNotification(0, ok: true);
        CountNotification(0, ok: false);
    }

    public void Renewed(string secret, string result) =>
        _renewals.Add(1, new KeyValuePair<string, object?>("secret", secret), new KeyValuePair<string, object?>("result", result));

    public void RenderFailed() => _renderFailures.Add(1);

    public void Notified(bool ok) => CountNotification(1, ok);

    public void Reconnected() => _reconnects.Add(1);

    /// <summary>The two clocks need not agree: less than nothing counts as nothing.</summary>
    public void Rotated(TimeSpan sinceActivation) => _rotation.Record(Math.Max(0, sinceActivation.TotalSeconds));

    public void Dispose() => Meter.Dispose();

    private void CountNotification(int count, bool ok) =>
        _notifications.Add(count, new KeyValuePair<string, object?>("result", ok ? "ok" : "failed"));
}
