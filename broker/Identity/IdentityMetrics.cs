using System.Diagnostics.Metrics;

namespace SidecarAgent.Broker.Identity;

/// <summary>What the broker tells Prometheus about the proofs of identity that went wrong.</summary>
internal sealed class IdentityMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _reviews;

    public IdentityMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(Telemetry.BrokerMetrics.MeterName);
        _reviews = _meter.CreateCounter<long>(
            "sidecar_broker_token_reviews",
            description: "Tokens that a cluster's API server refused, or that it could not be asked about.");
        foreach (var result in new[] { "refused", "unavailable" })
            _reviews.Add(0, new KeyValuePair<string, object?>("result", result));
    }

    /// <param name="result">refused or unavailable.</param>
    public void Reviewed(string result) => _reviews.Add(1, new KeyValuePair<string, object?>("result", result));

    public void Dispose() => _meter.Dispose();
}
