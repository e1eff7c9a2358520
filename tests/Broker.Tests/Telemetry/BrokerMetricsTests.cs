using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Policy;
using SidecarAgent.Broker.Telemetry;
using SidecarAgent.Broker.Watch;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Telemetry;

public sealed class BrokerMetricsTests : IDisposable
{
    private const string Good =
        "policies: [ { name: p, subjects: [ { namespace: shop, serviceAccount: orders } ], grants: [ { paths: [ kv/shop/* ] } ] } ]";

    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _clock = new();
    private readonly Dictionary<string, long> _seen = [];
    private readonly MeterListener _listener = new();

    public BrokerMetricsTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => _seen[instrument.Name] = value);
        _listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => _seen[instrument.Name] = value);
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Policies_are_outdated_while_a_file_of_theirs_is_bad()
    {
        _directory.Write("p.yaml", Good);
        var policies = new PolicySource(_directory.FullName, LeaseOptions.Default, _clock, NullLogger<PolicySource>.Instance);
        using var metrics = new BrokerMetrics(_services.GetRequiredService<IMeterFactory>(), new Watchers(), policies);
        using var stop = new CancellationTokenSource();
        var running = policies.RunAsync(stop.Token);
        Assert.Equal(0, Outdated());

        _directory.Write("p.yaml", "policies: nonsense");
        await _clock.AdvanceUntilAsync(() => policies.LastProblem is not null);
        Assert.Equal(1, Outdated());

        _directory.Write("p.yaml", Good);
        await _clock.AdvanceUntilAsync(() => policies.LastProblem is null);
        Assert.Equal(0, Outdated());

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public void Audit_failures_are_counted_from_nothing_so_that_the_first_is_an_increase()
    {
        _directory.Write("p.yaml", Good);
        var policies = new PolicySource(_directory.FullName, LeaseOptions.Default, _clock, NullLogger<PolicySource>.Instance);

        using var metrics = new BrokerMetrics(_services.GetRequiredService<IMeterFactory>(), new Watchers(), policies);

        Assert.Equal(0, _seen["sidecar_broker_audit_failures"]);
    }

    private long Outdated()
    {
        _listener.RecordObservableInstruments();
        return _seen["sidecar_broker_policies_outdated"];
    }
}
