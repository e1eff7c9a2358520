using System.Diagnostics.Metrics;
using SidecarAgent.Broker.Rotation;

namespace SidecarAgent.Broker.Telemetry;

/// <summary>What Prometheus is told about rotations. Paths stand only in a series while a rotation of them is open.</summary>
internal sealed class RotationMetrics
{
    private static readonly RotationState[] OpenStates =
        [RotationState.Preparing, RotationState.Waiting, RotationState.Held, RotationState.Revoking];

    private readonly RotationBoard _board;
    private readonly BrokerMetrics _metrics;
    private readonly Counter<long> _ended;
    private readonly Histogram<double> _convergence;

    public RotationMetrics(IMeterFactory meters, BrokerMetrics metrics, RotationBoard board)
    {
        _board = board;
        _metrics = metrics;
        var meter = meters.Create(BrokerMetrics.MeterName);
        meter.CreateObservableGauge("sidecar_broker_rotations", CountStates, description: "Rotations that are under way.");
        meter.CreateObservableGauge(
            "sidecar_broker_rotation_holders_behind", Behind,
            description: "Holders that have yet to acknowledge the new version of a secret whose rotation is under way.");
        _ended = meter.CreateCounter<long>("sidecar_broker_rotations_ended", description: "Rotations that are over.");
        // Of these the first must be seen.
        foreach (var result in (string[])["done_behind", "failed"])
            _ended.Add(0, new KeyValuePair<string, object?>("result", result));
        _convergence = meter.CreateHistogram<double>(
            "sidecar_broker_rotation_convergence", "s",
            "From a new version's activation to the last holder's acknowledgement.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600] });
    }

    /// <summary>A rotation has made another version the one that is served.</summary>
    public void Activated() => _metrics.Changed("rotate");

    public void Converged(TimeSpan time) => _convergence.Record(time.TotalSeconds);

    /// <param name="result"><c>done</c>, <c>done_behind</c>, <c>failed</c> or <c>aborted</c>.</param>
    public void Ended(string result) => _ended.Add(1, new KeyValuePair<string, object?>("result", result));

    /// <summary>All states, with 0 where there is none: an alert on a series that does not exist never fires.</summary>
    private IEnumerable<Measurement<long>> CountStates()
    {
        var open = _board.Open;
        return OpenStates.Select(state => new Measurement<long>(
            open.Count(entry => entry.State == state),
            new KeyValuePair<string, object?>("state", state.ToString().ToLowerInvariant())));
    }

    private IEnumerable<Measurement<long>> Behind() => _board.Open.Select(entry => new Measurement<long>(
        entry.Behind, new KeyValuePair<string, object?>("path", entry.Path.ToString())));
}
