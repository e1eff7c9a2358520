using System.Diagnostics.Metrics;
using SidecarAgent.Webhook.Injection;

namespace SidecarAgent.Webhook.Telemetry;

/// <summary>What the webhook counts. Names are those that dashboards rely on, docs/webhook.md.</summary>
internal sealed class WebhookMetrics : IDisposable
{
    public const string MeterName = "SidecarAgent.Webhook";
    public const string Duration = "sidecar_webhook_admission_seconds";

    /// <summary>Upper bounds in seconds. The API server waits for at most the webhook's timeoutSeconds.</summary>
    public static readonly double[] Buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

    private readonly Meter _meter;
    private readonly Counter<long> _admissions;
    private readonly Histogram<double> _seconds;
    private readonly Counter<long> _findings;

    /// <param name="certificateExpiry">When the certificate in use ends; null if there is none.</param>
    public WebhookMetrics(Func<DateTimeOffset?> certificateExpiry)
    {
        // The scope tells the webhooks of one process apart.
        _meter = new Meter(new MeterOptions(MeterName) { Scope = this });
        _admissions = _meter.CreateCounter<long>("sidecar_webhook_admissions_total",
            description: "Reviews answered, by decision and by its reason.");
        _seconds = _meter.CreateHistogram<double>(Duration,
            description: "Time from a request's last byte to its answer.");
        _findings = _meter.CreateCounter<long>("sidecar_webhook_plaintext_findings_total",
            description: "Secrets that pods carried in the open, by what gave them away.");
        _meter.CreateObservableGauge("sidecar_webhook_certificate_expiry_timestamp_seconds",
            () => certificateExpiry() is { } end ? [new Measurement<long>(end.ToUnixTimeSeconds())] : Array.Empty<Measurement<long>>(),
            description: "When the webhook's certificate ends, in Unix time.");
    }

    /// <summary>
    /// Shows what an alert counts as 0 instead of not at all: a series that begins with its first event has no increase for it.
    /// To be called once somebody listens.
    /// </summary>
    public void BeginAtZero() => _admissions.Add(0, new("decision", "reject"), new("reason", RejectReason.Crash.Name));

    public void Decided(Decision decision, TimeSpan elapsed)
    {
        var name = decision switch
        {
            Decision.Inject => "inject",
            Decision.Skip => "skip",
            _ => "reject",
        };
        Answered(name, decision.Reason, elapsed);
        foreach (var kind in decision.Findings.CountBy(finding => finding.Kind))
            _findings.Add(kind.Value, new KeyValuePair<string, object?>("kind", kind.Key.ToString().ToLowerInvariant()));
    }

    /// <summary>A request that could not be understood, so that no UID could be answered.</summary>
    public void Malformed(TimeSpan elapsed) => Answered("reject", "malformed", elapsed);

    public void Dispose() => _meter.Dispose();

    private void Answered(string decision, string reason, TimeSpan elapsed)
    {
        _admissions.Add(1, new("decision", decision), new("reason", reason));
        _seconds.Record(elapsed.TotalSeconds);
    }
}
