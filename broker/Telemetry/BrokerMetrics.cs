using System.Diagnostics.Metrics;
using Grpc.Core;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Policy;
using SidecarAgent.Broker.Watch;

namespace SidecarAgent.Broker.Telemetry;

/// <summary>
/// What the broker tells Prometheus. The exporter appends units and <c>_total</c>. Labels have few values, and never
/// one that a caller chooses.
/// </summary>
internal sealed class BrokerMetrics : IDisposable
{
    public const string MeterName = "SidecarAgent.Broker";

    /// <summary>Reasons of denials that an alert counts.</summary>
    private static readonly string[] CountedByAlerts =
    [
        "no_grant", "not_an_admin", "certificate", "token_signature", "token_audience", "token_algorithm", "token_unknown_issuer",
        "token_unknown_key", "token_keys_unavailable", "token_review_unavailable",
    ];

    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _requestTime;
    private readonly Counter<long> _denied;
    private readonly Counter<long> _auditFailures;
    private readonly Counter<long> _storageFailures;
    private readonly Counter<long> _revocations;
    private readonly Counter<long> _changes;
    private long _irrevocable;
    private IReadOnlyDictionary<string, long> _leases = new Dictionary<string, long>();

    public BrokerMetrics(IMeterFactory meters, Watchers watchers, PolicySource policies)
    {
        _meter = meters.Create(MeterName);
        _requests = _meter.CreateCounter<long>("sidecar_broker_requests", description: "Calls that have ended.");
        _requestTime = _meter.CreateHistogram<double>(
            "sidecar_broker_request", "s", "How long calls took; watches are not among them.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5] });
        _denied = _meter.CreateCounter<long>(
            "sidecar_broker_denied", description: "Secrets that were not given, and callers that were turned away.");
        _auditFailures = _meter.CreateCounter<long>(
            "sidecar_broker_audit_failures",
            description: "Calls that were refused because the audit log could not be written.");
        // A counter that begins with its first event shows no increase: an alert would miss that one.
        _auditFailures.Add(0);
        _storageFailures = _meter.CreateCounter<long>(
            "sidecar_broker_storage_failures", description: "Calls that were refused because the database could not be used.");
        _storageFailures.Add(0);
        _revocations = _meter.CreateCounter<long>(
            "sidecar_broker_revocations", description: "Holders that were cut off, and accounts outside that were to be dropped.");
        foreach (var result in (string[])["irrevocable", "not_reached", "failed"])
            Revoked(result, 0);
        foreach (var reason in CountedByAlerts)
            _denied.Add(0, new KeyValuePair<string, object?>("reason", reason));
        _changes = _meter.CreateCounter<long>(
            "sidecar_broker_secret_changes", description: "Versions put, rotated, activated, deleted, undeleted or destroyed.");
        _meter.CreateObservableGauge("sidecar_broker_watchers", () => watchers.Count, description: "Open watches.");
        _meter.CreateObservableGauge("sidecar_broker_leases", Leases, description: "Live leases.");
        _meter.CreateObservableGauge(
            "sidecar_broker_irrevocable_leases", () => Volatile.Read(ref _irrevocable),
            description: "Leases that have ended whose accounts outside could not be dropped.");
        _meter.CreateObservableGauge(
            "sidecar_broker_policies_outdated",
            () => policies.LastProblem is null ? 0 : 1,
            description: "1 while the policy files cannot be used, so that earlier ones stay in force.");
    }

    /// <param name="method">Only methods that exist come here, so the label is bounded.</param>
    /// <param name="code">How the call ended.</param>
    /// <param name="time">How long it took; null: it was a stream.</param>
    public void Answered(string method, StatusCode code, TimeSpan? time)
    {
        var label = new KeyValuePair<string, object?>("method", method);
        _requests.Add(1, label, new("code", code.ToString()));
        if (time is { } took)
            _requestTime.Record(took.TotalSeconds, label);
    }

    public void Denied(DenialReason reason) => Denied(reason switch
    {
        DenialReason.NoGrant => "no_grant",
        DenialReason.NotFound => "not_found",
        DenialReason.CutOff => "cut_off",
        DenialReason.FieldNotFound => "field_not_found",
        _ => throw new InvalidOperationException($"No label for {reason}."),
    });

    /// <param name="reason">One of a few, in snake_case.</param>
    public void Denied(string reason) => _denied.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void AuditFailed() => _auditFailures.Add(1);

    public void StorageFailed() => _storageFailures.Add(1);

    /// <param name="result">One of a few.</param>
    /// <param name="count">Holders, or accounts outside.</param>
    public void Revoked(string result, int count) =>
        _revocations.Add(count, new KeyValuePair<string, object?>("result", result));

    public void Changed(string change) => _changes.Add(1, new KeyValuePair<string, object?>("change", change));

    /// <param name="liveByMount">How many leases live below each mount.</param>
    public void CountedLeases(IReadOnlyDictionary<string, long> liveByMount) => Volatile.Write(ref _leases, liveByMount);

    /// <param name="irrevocable">How many accounts could not be dropped.</param>
    public void CountedIrrevocable(long irrevocable) => Volatile.Write(ref _irrevocable, irrevocable);

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Leases() =>
        Volatile.Read(ref _leases).Select(mount => new Measurement<long>(
            mount.Value, new KeyValuePair<string, object?>("mount", mount.Key)));
}
