using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Detection;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Broker.Tests.Leases;
using SidecarAgent.Broker.Tests.Storage;

namespace SidecarAgent.Broker.Tests.Detection;

public abstract class FirstAccessTests(TestStore store) : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(Some.Noon);
    private Database _database = null!;
    private FirstAccesses _firsts = null!;

    public async Task InitializeAsync()
    {
        _database = await store.OpenAsync();
        _firsts = new FirstAccesses(new DetectionOptions(), _database, _clock);
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task What_was_found_noted_is_not_looked_up_again_on_the_same_day()
    {
        Assert.Equal((1, 0), await FindAsync());
        await _firsts.NoteAsync(Some.Orders, [Some.Db]);
        Assert.Equal((0, 0), await FindAsync());

        await store.AskAsync("DELETE FROM access");

        Assert.Equal((0, 0), await FindAsync());
    }

    [Fact]
    public async Task A_day_later_it_is_looked_up_and_renewed()
    {
        await FindAsync();
        await _firsts.NoteAsync(Some.Orders, [Some.Db]);
        await FindAsync();

        _clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal((0, 1), await FindAsync());
    }

    [Fact]
    public async Task What_nobody_has_noted_stays_the_first()
    {
        Assert.Equal((1, 0), await FindAsync());
        Assert.Equal((1, 0), await FindAsync());
    }

    /// <summary>How many are the first, and how many are to be renewed; none of them is noted.</summary>
    private async Task<(int First, int Stale)> FindAsync()
    {
        var (first, stale) = await _firsts.FindAsync(Some.Orders, [Some.Db], CancellationToken.None);
        _firsts.End(Some.Orders, first);
        return (first.Count, stale.Count);
    }
}

public sealed class SqliteFirstAccessTests() : FirstAccessTests(new SqliteTestStore());

[Collection(nameof(PostgresFixture))]
public sealed class PostgresFirstAccessTests(PostgresFixture server) : FirstAccessTests(new PostgresTestStore(server));
