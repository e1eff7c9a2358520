using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Detection;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Broker.Tests.Leases;
using SidecarAgent.Broker.Tests.Storage;

namespace SidecarAgent.Broker.Tests.Detection;

/// <summary>Which access is the first, and what of that is known without a query.</summary>
public abstract class FirstAccessesTests(TestStore store) : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(Some.Noon);
    private Database _database = null!;
    private FirstAccesses _firsts = null!;

    public async Task InitializeAsync()
    {
        _database = await store.OpenAsync();
        _firsts = new FirstAccesses(DetectionOptions.Default, _database, _clock);
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task Of_pods_that_start_at_once_one_is_the_first()
    {
        Assert.Equal([Some.Db], (await FindAsync()).First);
        Assert.Empty((await FindAsync()).First);
    }

    [Fact]
    public async Task What_was_given_back_is_a_first_access_for_the_next()
    {
        _firsts.End(Some.Orders, (await FindAsync()).First);

        Assert.Equal([Some.Db], (await FindAsync()).First);
    }

    [Fact]
    public async Task What_was_found_to_be_noted_lately_is_not_looked_up_again()
    {
        await NoteAsync();
        await FindAsync();
        await ForgetRowsAsync();

        var (first, stale) = await FindAsync();

        Assert.Empty(first);
        Assert.Empty(stale);
    }

    [Fact]
    public async Task Only_what_is_in_the_table_is_known_without_a_query()
    {
        await NoteAsync();
        await ForgetRowsAsync();

        Assert.Equal([Some.Db], (await FindAsync()).First);
    }

    [Fact]
    public async Task After_a_day_it_is_looked_up_again_and_its_time_is_to_be_renewed()
    {
        await NoteAsync();
        await FindAsync();
        _clock.Advance(TimeSpan.FromDays(1));

        var (first, stale) = await FindAsync();

        Assert.Empty(first);
        Assert.Equal([Some.Db], stale);
    }

    private Task<(IReadOnlyList<SecretPath> First, IReadOnlyList<SecretPath> Stale)> FindAsync() =>
        _firsts.FindAsync(Some.Orders, [Some.Db], CancellationToken.None);

    private async Task NoteAsync()
    {
        var (first, _) = await FindAsync();
        await _firsts.NoteAsync(Some.Orders, first);
        _firsts.End(Some.Orders, first);
    }

    private Task<int> ForgetRowsAsync() => _database.WriteAsync(
        s => AccessTable.ForgetAsync(s, Some.Noon.AddDays(1), CancellationToken.None), CancellationToken.None);
}

public sealed class SqliteFirstAccessesTests() : FirstAccessesTests(new SqliteTestStore());

[Collection(nameof(PostgresFixture))]
public sealed class PostgresFirstAccessesTests(PostgresFixture server) : FirstAccessesTests(new PostgresTestStore(server));
