using Microsoft.Extensions.Logging.Abstractions;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Broker.Tests.Leases;

namespace SidecarAgent.Broker.Tests.Storage;

/// <summary>What becomes of writes, and of what is kept in memory, when the connection to a PostgreSQL is lost.</summary>
[Collection(nameof(PostgresFixture))]
public sealed class LostConnectionTests(PostgresFixture postgres) : IAsyncLifetime
{
    /// <summary>What the writer says after a piece of work: that the savepoint is not needed any more. Then it commits.</summary>
    private const int BeforeCommit = 1;

    private readonly PostgresTestStore _store = postgres.Store();
    private ServerProxy _proxy = null!;
    private Database _database = null!;
    private CutOffs _cutOffs = null!;

    public async Task InitializeAsync()
    {
        await _store.CreateAsync();
        _proxy = ServerProxy.Before(postgres.Server.Port);
        _database = await OpenAsync(_proxy.Port);
        _cutOffs = await CutOffs.LoadAsync(_database, default);
        await _database.WriteAsync(s => DoAsync(s, "CREATE TABLE t (n INTEGER)"), default);
    }

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        await _proxy.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task Work_under_way_fails_when_its_session_is_ended_and_the_next_is_done()
    {
        var ended = await Record.ExceptionAsync(() => _database.WriteAsync(
            async s =>
            {
                await DoAsync(s, "INSERT INTO t VALUES (1)");
                await EndSessionsAsync();
                return await DoAsync(s, "INSERT INTO t VALUES (2)");
            },
            default));

        Assert.IsType<StorageUnavailableException>(ended);
        await WriteUntilDoneAsync(3);
        Assert.Equal("3", await NumbersAsync());
    }

    [Fact]
    public async Task A_commit_whose_answer_was_lost_is_done_if_it_was()
    {
        var written = await _database.WriteAsync(
            async s =>
            {
                await DoAsync(s, "INSERT INTO t VALUES (1)");
                _proxy.Arm(BeforeCommit, Cut.BeforeTheClient);
                return 1;
            },
            default);

        Assert.True(_proxy.HasCut);
        Assert.Equal(1, written);
        Assert.Equal("1", await NumbersAsync());
        Assert.Null(_database.Problem);
    }

    [Fact]
    public async Task A_commit_that_never_arrived_is_not_done()
    {
        var lost = await Record.ExceptionAsync(() => _database.WriteAsync(
            async s =>
            {
                await DoAsync(s, "INSERT INTO t VALUES (1)");
                _proxy.Arm(BeforeCommit, Cut.BeforeTheServer);
                return 1;
            },
            default));

        Assert.True(_proxy.HasCut);
        Assert.IsType<StorageUnavailableException>(lost);
        Assert.Equal("", await NumbersAsync());
        Assert.Null(_database.Problem);
    }

    [Theory]
    [InlineData(Cut.BeforeTheClient, 1)]
    [InlineData(Cut.BeforeTheServer, 0)]
    [InlineData(Cut.ForTheClientOnly, 0)]
    public async Task What_is_cut_off_in_memory_is_what_is_cut_off_in_the_tables(Cut how, int cutOffs)
    {
        var cut = new CutOff("id", CutOffKind.Node, "node-1", "a drill", Some.Noon, "me");
        // After the row it reads the leases.
        _proxy.Arm(1 + BeforeCommit, how, onceItHears: "INSERT INTO cut_off");
        await Record.ExceptionAsync(() => _cutOffs.CutAsync(cut));

        Assert.True(_proxy.HasCut);
        Assert.Equal(cutOffs, _cutOffs.Current.Count);
        Assert.Equal(cutOffs, (await _database.ReadAsync(s => CutOffTable.ListAsync(s, default), default)).Count);
    }

    [Fact]
    public async Task Nothing_is_answered_from_memory_once_the_connection_is_lost()
    {
        await _database.WriteAsync(s => LeaseTable.AddAsync(s, Some.Lease(), null, Some.Noon, default), default);
        var before = _database.Cache.BeginFill();
        _proxy.TakeDown();

        // Nobody writes: the writer notices by itself.
        await Waiting.UntilAsync(() => _database.Problem is not null);
        before.Keep(Served(), Some.Orders.Holder, []);
        using var during = _database.Cache.BeginFill();
        during.Keep(Served(), Some.Orders.Holder, []);
        before.Dispose();
        Assert.Equal((0, 0), _database.Cache.Count);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => _database.WriteAsync(s => DoAsync(s, "SELECT 1"), default));
        await Assert.ThrowsAsync<StorageUnavailableException>(NumbersAsync);

        _proxy.BringUp();
        await Waiting.UntilAsync(() => _database.Problem is null);
        during.Keep(Served(), Some.Orders.Holder, []);
        Assert.Equal((0, 0), _database.Cache.Count);
        using var after = _database.Cache.BeginFill();
        after.Keep(Served(), Some.Orders.Holder, []);
        Assert.Equal((1, 1), _database.Cache.Count);
    }

    [Fact]
    public async Task A_session_that_the_server_does_not_know_to_be_gone_is_ended()
    {
        _proxy.Arm(0, Cut.ForTheClientOnly);
        await Record.ExceptionAsync(() => _database.WriteAsync(s => DoAsync(s, "INSERT INTO t VALUES (1)"), default));

        await WriteUntilDoneAsync(2);
        Assert.Equal("2", await NumbersAsync());
    }

    [Fact]
    public async Task A_server_that_was_started_again_is_gone_on_with()
    {
        await WriteUntilDoneAsync(1);
        await NumbersAsync();
        await postgres.Server.StopAsync();
        await Assert.ThrowsAsync<StorageUnavailableException>(() => _database.WriteAsync(s => DoAsync(s, "INSERT INTO t VALUES (2)"), default));
        await postgres.Server.StartAgainAsync();

        await WriteUntilDoneAsync(3);
        Assert.Equal("1,3", await NumbersAsync());
    }

    [Fact]
    public async Task A_broker_whose_database_another_has_taken_over_ends()
    {
        _proxy.TakeDown();
        await using var other = await OpenUntilFreeAsync();
        _proxy.BringUp();

        var failure = await Assert.ThrowsAsync<CannotStartException>(() => _database.Writing);
        Assert.Contains("Another broker has taken the database", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => _database.WriteAsync(s => DoAsync(s, "SELECT 1"), default));
        Assert.Equal((0, 0), _database.Cache.Count);
    }

    [Fact]
    public async Task It_ends_also_if_the_other_is_gone_again()
    {
        _proxy.TakeDown();
        await (await OpenUntilFreeAsync()).DisposeAsync();
        _proxy.BringUp();

        var failure = await Assert.ThrowsAsync<CannotStartException>(() => _database.Writing);
        Assert.Contains("Another broker has taken the database", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_was_restored_meanwhile_is_not_gone_on_with()
    {
        _proxy.TakeDown();
        await _store.AskAsync("ALTER TABLE origin RENAME TO earlier");
        await _store.AskAsync("CREATE TABLE origin AS SELECT * FROM earlier");
        _proxy.BringUp();

        var failure = await Assert.ThrowsAsync<CannotStartException>(() => _database.Writing);
        Assert.Contains("not the one from before", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_stops_before_it_could_find_out_says_so()
    {
        var writing = _database.WriteAsync(
            async s =>
            {
                await DoAsync(s, "INSERT INTO t VALUES (1)");
                _proxy.Arm(BeforeCommit, Cut.BeforeTheClient);
                return 1;
            },
            default);
        await Waiting.UntilAsync(() => _database.Problem is not null || writing.IsCompleted);
        _proxy.TakeDown();
        await _database.DisposeAsync();

        // It may have been quick enough to find out.
        if (await Record.ExceptionAsync(() => writing) is { } failure)
            Assert.Contains("is not known", Assert.IsType<StorageUnavailableException>(failure).Message, StringComparison.Ordinal);
        _database = await OpenUntilFreeAsync();
        Assert.Equal("1", await NumbersAsync());
    }

    private static StoredSecret Served() => new(
        new SecretHead(Some.Db, 1, 1, Some.Noon), new SecretVersion(Some.Db, 1, Some.Noon, "test", []));

    private Task<Database> OpenAsync(int port) => Database.OpenAsync(
        _store.Connection with { Port = port, Tls = PostgresTls.Disable, CaFile = null, Timeout = TimeSpan.FromSeconds(30) },
        TimeProvider.System,
        NullLogger.Instance, default);

    /// <summary>Another broker, as soon as the server has noticed that the first one's connection is gone.</summary>
    private async Task<Database> OpenUntilFreeAsync()
    {
        Database? other = null;
        await Waiting.UntilAsync(async () =>
        {
            try
            {
                other = await OpenAsync(postgres.Server.Port);
                return true;
            }
            catch (CannotStartException)
            {
                return false;
            }
        });
        return other!;
    }

    private async Task WriteUntilDoneAsync(int number) =>
        await Waiting.UntilAsync(async () =>
        {
            try
            {
                await _database.WriteAsync(s => DoAsync(s, $"INSERT INTO t VALUES ({number})"), default);
                return true;
            }
            catch (StorageUnavailableException)
            {
                return false;
            }
        });

    private async Task<string> NumbersAsync() =>
        string.Join(',', await _database.ReadAsync(s => s.Statement("SELECT n FROM t ORDER BY n").ListAsync(row => row.GetInt32(0), default), default));

    private async Task EndSessionsAsync() => await postgres.AskAsync(
        $"SELECT COUNT(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = '{_store.Name}'");

    private static async Task<int> DoAsync(Session session, string sql)
    {
        await session.ExecuteAsync(sql, default);
        return 0;
    }
}
