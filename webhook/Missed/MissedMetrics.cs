using System.Diagnostics.Metrics;
using SidecarAgent.Webhook.Telemetry;

namespace SidecarAgent.Webhook.Missed;

/// <summary>What is counted about pods that run without the agent. Names are those that dashboards rely on, docs/webhook.md.</summary>
internal sealed class MissedMetrics : IDisposable
{
    private readonly Counter<long> _actions;
    private long _found = -1;

    public MissedMetrics()
    {
        _actions = Meter.CreateCounter<long>("sidecar_webhook_missed_pod_actions_total",
            description: "What was done about pods that run without the agent.");
        Meter.CreateObservableGauge("sidecar_webhook_missed_pods",
            () => Found is { } found ? [new Measurement<long>(found)] : Array.Empty<Measurement<long>>(),
            description: "Pods that ask for the agent and run without it, as the replica with the Lease last saw.");
    }

    public Meter Meter { get; } = new(WebhookMetrics.MeterName);

    /// <summary>How many there are; null if another replica tells.</summary>
    public int? Found
    {
        get => Volatile.Read(ref _found) is var found and >= 0 ? (int)found : null;
        set => Volatile.Write(ref _found, value ?? -1);
    }

    public void Did(string action) => _actions.Add(1, new KeyValuePair<string, object?>("action", action));

    public void Dispose() => Meter.Dispose();
}
