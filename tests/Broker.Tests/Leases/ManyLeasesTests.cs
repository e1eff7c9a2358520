using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Engines;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Broker.Tests.Storage;

namespace SidecarAgent.Broker.Tests.Leases;

/// <summary>A great many leases are dealt with a few at a time.</summary>
public abstract class ManyLeasesTests(TestStore store) : IAsyncLifetime, IDisposable
{
    private const int Many = 1200;

    private readonly FakeTimeProvider _clock = new(Some.Noon);
    private Database _database = null!;
    private LeaseBook _leases = null!;

    public async Task InitializeAsync()
    {
        _database = await store.OpenAsync();
        var mounts = new Mounts(new Dictionary<string, ISecretEngine>());
        _leases = new LeaseBook(_database, await CutOffs.LoadAsync(_database, CancellationToken.None), mounts, _clock);
        await _database.WriteAsync(
            async session =>
            {
                for (var i = 0; i < Many; i++)
                {
                    var lease = Some.Lease($"lease-{i:0000}") with { Workload = Some.Pod($"uid-{i}") };
                    await LeaseTable.AddAsync(session, lease, null, Some.Noon, CancellationToken.None);
                }

                return true;
            },
            CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        await store.DisposeAsync();
    }

    public void Dispose()
    {
        _leases.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Expired_leases_are_read_and_ended_in_batches_until_none_is_left()
    {
        _clock.Advance(TimeSpan.FromHours(2));

        var batches = new List<int>();
        for (var batch = await _leases.ExpiredAsync(500, default); batch.Count > 0; batch = await _leases.ExpiredAsync(500, default))
        {
            await _leases.EndAsync(batch, default);
            batches.Add(batch.Count);
        }

        Assert.Equal([500, 500, 200], batches);
    }

    [Fact]
    public async Task One_that_was_renewed_in_its_last_moment_is_not_ended()
    {
        _clock.Advance(TimeSpan.FromHours(2));
        var expired = await _leases.ExpiredAsync(2, default);
        var renewed = expired[1] with { ExpiresAt = Some.Noon.AddHours(3) };
        // It was under way when its time was over.
        await _database.WriteAsync(s => LeaseTable.UpdateAsync(s, renewed, Some.Noon, default), default);

        var ended = await _leases.EndExpiredAsync(expired, default);

        Assert.Equal([expired[0].Id], ended.Select(lease => lease.Id));
        Assert.NotNull(await _leases.FindAsync(renewed.Id, default));
        Assert.Null(await _leases.FindAsync(expired[0].Id, default));
    }

    [Fact]
    public async Task Leases_below_a_prefix_are_read_in_batches_and_none_that_began_later()
    {
        Assert.Equal(500, (await _leases.IssuedByAsync(Some.Noon, "kv/", 500, default)).Count);
        Assert.Empty(await _leases.IssuedByAsync(Some.Noon.AddSeconds(-1), "kv/", 500, default));
        Assert.Empty(await _leases.IssuedByAsync(Some.Noon, "database/", 500, default));
    }
}

public sealed class SqliteManyLeasesTests() : ManyLeasesTests(new SqliteTestStore());

[Collection(nameof(PostgresFixture))]
public sealed class PostgresManyLeasesTests(PostgresFixture server) : ManyLeasesTests(new PostgresTestStore(server));
