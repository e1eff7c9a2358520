using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Broker.Tests.Leases;

namespace SidecarAgent.Broker.Tests.Storage;

public abstract class AccessTableTests(TestStore store) : IAsyncLifetime
{
    private Database _database = null!;

    public async Task InitializeAsync() => _database = await store.OpenAsync();

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task A_first_access_is_noted_and_the_next_only_changes_its_time()
    {
        Assert.Null(await LastAsync());

        Assert.True(await NoteAsync(Some.Noon));
        Assert.False(await NoteAsync(Some.Noon.AddDays(2)));

        Assert.Equal(Some.Noon.AddDays(2), await LastAsync());
    }

    [Fact]
    public async Task Another_issuer_makes_another_workload()
    {
        await NoteAsync(Some.Noon);

        Assert.Null(await _database.ReadAsync(
            s => AccessTable.LastAsync(s, new Workload("https://other", "shop", "orders"), Some.Db, CancellationToken.None),
            CancellationToken.None));
        Assert.Equal(Some.Noon, await _database.ReadAsync(
            s => AccessTable.LastAsync(s, Some.Pod("uid-9", "orders-9"), Some.Db, CancellationToken.None),
            CancellationToken.None));
    }

    [Fact]
    public async Task What_was_long_ago_is_forgotten_unless_a_lease_lives_that_goes_back_to_it()
    {
        await NoteAsync(Some.Noon);
        await _database.WriteAsync(
            s => LeaseTable.AddAsync(s, Some.Lease(), null, Some.Noon, CancellationToken.None), CancellationToken.None);

        Assert.Equal(0, await ForgetAsync(Some.Noon.AddDays(1)));
        await _database.WriteAsync(
            async s =>
            {
                await LeaseTable.RemoveAsync(s, Some.Lease(), Some.Noon, CancellationToken.None);
                return true;
            },
            CancellationToken.None);
        Assert.Equal(0, await ForgetAsync(Some.Noon));
        Assert.Equal(1, await ForgetAsync(Some.Noon.AddDays(1)));

        Assert.Null(await LastAsync());
    }

    [Fact]
    public async Task Who_holds_a_lease_when_the_table_is_made_has_had_its_first_time()
    {
        await _database.WriteAsync(
            async s =>
            {
                await LeaseTable.AddAsync(s, Some.Lease(), null, Some.Noon, CancellationToken.None);
                await s.ExecuteAsync("DROP TABLE access", CancellationToken.None);
                foreach (var sql in AccessTable.Step(s.Dialect))
                    await s.ExecuteAsync(sql, CancellationToken.None);
                return true;
            },
            CancellationToken.None);

        Assert.Equal(Some.Noon, await LastAsync());
    }

    private Task<DateTimeOffset?> LastAsync() =>
        _database.ReadAsync(s => AccessTable.LastAsync(s, Some.Orders, Some.Db, CancellationToken.None), CancellationToken.None);

    private Task<bool> NoteAsync(DateTimeOffset now) =>
        _database.WriteAsync(s => AccessTable.NoteAsync(s, Some.Orders, Some.Db, now, CancellationToken.None), CancellationToken.None);

    private Task<int> ForgetAsync(DateTimeOffset before) =>
        _database.WriteAsync(s => AccessTable.ForgetAsync(s, before, CancellationToken.None), CancellationToken.None);
}

public sealed class SqliteAccessTableTests() : AccessTableTests(new SqliteTestStore());

[Collection(nameof(PostgresFixture))]
public sealed class PostgresAccessTableTests(PostgresFixture server) : AccessTableTests(new PostgresTestStore(server));
