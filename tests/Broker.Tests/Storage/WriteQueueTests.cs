using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Tests.Engines;

namespace SidecarAgent.Broker.Tests.Storage;

public abstract class WriteQueueTests(TestStore store) : IAsyncLifetime
{
    private Database _database = null!;

    public async Task InitializeAsync()
    {
        _database = await store.OpenAsync();
        await _database.WriteAsync(s => ExecuteAsync(s, "CREATE TABLE t (n INTEGER UNIQUE)"), CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task Many_writers_at_once_all_write()
    {
        await Task.WhenAll(Enumerable.Range(0, 2000).Select(InsertAsync));

        Assert.Equal(2000, await CountAsync());
    }

    [Fact]
    public async Task Work_that_fails_is_undone_and_takes_nothing_of_the_others_with_it()
    {
        // All of them wait while the first is being committed, so they share a transaction.
        var works = Enumerable.Range(0, 100).Select(async n =>
        {
            await _database.WriteAsync<int>(
                async s =>
                {
                    await ExecuteAsync(s, $"INSERT INTO t VALUES ({n})");
                    return n % 2 == 0 ? n : throw new InvalidOperationException("no odd numbers");
                },
                CancellationToken.None);
        }).ToList();

        await Task.WhenAll(works.Select(work => Record.ExceptionAsync(() => work)));

        Assert.Equal(50, works.Count(work => work.IsCompletedSuccessfully));
        Assert.All(works.Where(work => work.IsFaulted), work => Assert.IsType<InvalidOperationException>(work.Exception!.InnerException));
        Assert.Equal(50, await CountAsync());
    }

    [Fact]
    public async Task A_statement_that_the_database_refuses_fails_only_its_own_work()
    {
        await InsertAsync(1);

        var twice = Record.ExceptionAsync(() => InsertAsync(1));
        var other = InsertAsync(2);

        Assert.IsType<StorageUnavailableException>(await twice);
        await other;
        Assert.Equal(2, await CountAsync());
    }

    [Fact]
    public async Task A_reader_sees_one_state_while_others_write()
    {
        await InsertAsync(1);

        var (before, after) = await _database.ReadAsync(
            async s =>
            {
                var first = await CountAsync(s);
                await InsertAsync(2);
                return (first, await CountAsync(s));
            },
            CancellationToken.None);

        Assert.Equal((1, 1), (before, after));
        Assert.Equal(2, await CountAsync());
    }

    private Task<int> InsertAsync(int n) =>
        _database.WriteAsync(
            s => s.Statement("INSERT INTO t VALUES (@n)").With("n", n).ExecuteAsync(CancellationToken.None), CancellationToken.None);

    private Task<long> CountAsync() => _database.ReadAsync(CountAsync, CancellationToken.None);

    private static Task<long> CountAsync(Session session) =>
        session.Statement("SELECT COUNT(*) FROM t").NumberAsync(CancellationToken.None);

    private static async Task<int> ExecuteAsync(Session session, string sql)
    {
        await session.ExecuteAsync(sql, CancellationToken.None);
        return 0;
    }
}

public sealed class SqliteWriteQueueTests() : WriteQueueTests(new SqliteTestStore());

[Collection(nameof(PostgresFixture))]
public sealed class PostgresWriteQueueTests(PostgresFixture server) : WriteQueueTests(new PostgresTestStore(server));
