using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Detection;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Policy;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Telemetry;
using SidecarAgent.Broker.Tests.Leases;
using SidecarAgent.Broker.Tests.Storage;

namespace SidecarAgent.Broker.Tests.Detection;

/// <summary>What is counted, and which answers count.</summary>
public sealed class DetectorTests : IAsyncLifetime, IDisposable
{
    private static readonly Denial NoGrant = new(DenialReason.NoGrant, "no");
    private static readonly Denial CutOff = new(DenialReason.CutOff, "no");

    private readonly SqliteTestStore _store = new();
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _counted = [];
    private Database _database = null!;
    private ServiceProvider _services = null!;
    private Detector _detector = null!;

    public async Task InitializeAsync()
    {
        _database = await _store.OpenAsync();
        Assert.True(PathPattern.TryParse("kv/shop/db", out var path, out _));
        _services = new ServiceCollection().AddMetrics().AddLogging()
            .AddSingleton(TimeProvider.System).AddSingleton(_database)
            .AddSingleton(await CutOffs.LoadAsync(_database, CancellationToken.None))
            .AddSingleton(new DetectionOptions { Canaries = [new Canary([path], CutsOff: false)], SpreadSecrets = 2 })
            .AddSingleton<DetectionMetrics>().AddSingleton<FirstAccesses>().AddSingleton<Spreads>().AddSingleton<Detector>()
            .BuildServiceProvider();
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>(
            (instrument, value, _, _) => _counted[instrument.Name] = _counted.GetValueOrDefault(instrument.Name) + value);
        _listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => _counted[instrument.Name] = value);
        _listener.Start();
        _detector = _services.GetRequiredService<Detector>();
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        await _database.DisposeAsync();
        await _store.DisposeAsync();
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void Every_counter_begins_at_nothing_so_that_the_first_event_is_an_increase()
    {
        Assert.Equal(
            ["sidecar_broker_canary_trips", "sidecar_broker_first_accesses", "sidecar_broker_unusual_accesses"],
            _counted.Where(count => count.Value == 0).Select(count => count.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Cut_offs_in_force_are_counted()
    {
        await _services.GetRequiredService<CutOffs>().CutAsync(
            new CutOff("1", CutOffKind.Node, "node1", "", Some.Noon, "local"));

        _listener.RecordObservableInstruments();

        Assert.Equal(1, _counted["sidecar_broker_cut_offs"]);
    }

    [Fact]
    public async Task A_new_lease_on_a_canary_counts_as_canary_and_first_access_and_what_goes_on_under_it_as_neither()
    {
        var lease = Some.Lease();
        await AskAsync(Some.Db, new Answer.Issue(lease, Some.Noon, IsNew: true, Replaced: null));
        await AskAsync(Some.Db, new Answer.Confirm(lease, Extended: true));
        await AskAsync(Some.Db, new Answer.Deny(NoGrant, Repeated: true));
        await AskAsync(Some.Db, new Answer.Deny(CutOff, Repeated: false));
        await AskAsync(Some.Db, new Answer.Revoke(CutOff, lease.Id, Some.Orders.Holder, Some.Db));

        Assert.Equal((1, 1, 0), Counted());
    }

    [Fact]
    public async Task Asking_again_for_the_canarys_value_is_another_alarm_and_no_first_access()
    {
        await AskAsync(Some.Db, new Answer.Issue(Some.Lease(), Some.Noon, IsNew: true, Replaced: null));
        await AskAsync(Some.Db, new Answer.Issue(Some.Lease(), Some.Noon, IsNew: false, Replaced: null));

        Assert.Equal((2, 1, 0), Counted());
    }

    [Fact]
    public async Task A_second_round_of_the_same_ask_is_no_second_alarm()
    {
        using var sightings = _detector.Begin(Some.Orders);
        var make = new Answer.Make(Some.Lease(), 0);
        await _detector.LookAsync(sightings, [(Some.Db, make)], CancellationToken.None);
        Assert.Equal(["Canary", "FirstAccess"], sightings.Entries.Select(entry => entry.Action.ToString()));
        await _detector.NoteAsync(sightings);
        await _detector.LookAsync(
            sightings, [(Some.Db, new Answer.Issue(Some.Lease(), Some.Noon, IsNew: false, Replaced: null))], CancellationToken.None);

        Assert.Empty(sightings.Entries);
        Assert.Equal((1, 1, 0), Counted());
    }

    [Fact]
    public async Task A_first_access_that_was_not_noted_because_it_was_not_given_is_one_the_next_time()
    {
        var issue = new Answer.Issue(Some.Lease(), Some.Noon, IsNew: true, Replaced: null);
        using (var failed = _detector.Begin(Some.Orders))
            await _detector.LookAsync(failed, [(Some.Db, issue)], CancellationToken.None);

        await AskAsync(Some.Db, issue);

        Assert.Equal(1, Counted().Firsts);
    }

    [Fact]
    public async Task Denied_paths_count_towards_what_is_unusual()
    {
        foreach (var name in (string[])["a", "b", "a", "c", "d"])
            await AskAsync(SecretPath.Parse($"kv/x/{name}"), new Answer.Deny(NoGrant, Repeated: false));

        Assert.Equal((0, 0, 1), Counted());
    }

    private (long Canaries, long Firsts, long Unusual) Counted() => (
        _counted["sidecar_broker_canary_trips"], _counted["sidecar_broker_first_accesses"], _counted["sidecar_broker_unusual_accesses"]);

    private async Task AskAsync(SecretPath path, Answer answer)
    {
        using var sightings = _detector.Begin(Some.Orders);
        await _detector.LookAsync(sightings, [(path, answer)], CancellationToken.None);
        await _detector.NoteAsync(sightings);
    }
}
