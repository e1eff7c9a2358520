using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Broker.Tests.Storage;

namespace SidecarAgent.Broker.Tests.Leases;

/// <summary>Leases that begin together are written together, and each hears of itself.</summary>
public abstract class LeaseStartsTests(TestStore store) : IAsyncLifetime
{
    private const int Many = 2_500;

    private readonly FakeTimeProvider _clock = new(Some.Noon);
    private Database _database = null!;
    private LeaseStarts _starts = null!;

    public async Task InitializeAsync()
    {
        _database = await store.OpenAsync();
        _starts = new LeaseStarts(_database, await CutOffs.LoadAsync(_database, CancellationToken.None), _clock);
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task All_of_many_begin_and_are_there()
    {
        var begun = await Task.WhenAll(Enumerable.Range(0, Many).Select(i => BeginAsync(i)));

        Assert.DoesNotContain(false, begun);
        Assert.Equal(Many, await CountAsync());
    }

    [Fact]
    public async Task Those_on_a_version_that_is_served_no_more_do_not_begin_and_take_nothing_of_the_others_with_them()
    {
        await _database.WriteAsync(
            s => s.Statement("INSERT INTO secret (path, newest_version, active_version) VALUES ('kv/shop/db', 2, 2)").ExecuteAsync(default), default);

        var begun = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => BeginAsync(i, version: i % 2 == 0 ? 2UL : 1)));

        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal(i % 2 == 0, begun[i]));
        Assert.Equal(10, await CountAsync());
    }

    [Fact]
    public async Task A_holder_s_second_lease_on_a_version_does_not_begin_beside_its_first()
    {
        var begun = await Task.WhenAll(BeginAsync(1), _starts.AddAsync(Lease(1, 1) with { Id = "another" }, null, CancellationToken.None));

        Assert.Single(begun, true);
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task All_hear_that_the_writer_has_stopped()
    {
        await _database.DisposeAsync();

        foreach (var begin in Enumerable.Range(0, 20).Select(i => BeginAsync(i)).ToList())
            await Assert.ThrowsAsync<StorageUnavailableException>(() => begin);
        _database = await store.OpenAsync();
    }

    private static Lease Lease(int holder, ulong version) =>
        Some.Lease($"lease-{holder}", version) with { Workload = Some.Pod($"uid-{holder}") };

    private Task<bool> BeginAsync(int holder, ulong version = 1) => _starts.AddAsync(Lease(holder, version), null, CancellationToken.None);

    private Task<long> CountAsync() =>
        _database.ReadAsync(s => s.Statement("SELECT COUNT(*) FROM lease").NumberAsync(default), CancellationToken.None);
}

public sealed class SqliteLeaseStartsTests() : LeaseStartsTests(new SqliteTestStore());

[Collection(nameof(PostgresFixture))]
public sealed class PostgresLeaseStartsTests(PostgresFixture server) : LeaseStartsTests(new PostgresTestStore(server));
