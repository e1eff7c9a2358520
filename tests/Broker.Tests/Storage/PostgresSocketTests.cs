using Microsoft.Extensions.Logging.Abstractions;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Tests.Engines;

namespace SidecarAgent.Broker.Tests.Storage;

/// <summary>A server on the same machine, by its Unix socket: no TLS, and a login by password or by the user of the process.</summary>
[Collection(nameof(PostgresFixture))]
public sealed class PostgresSocketTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly PostgresTestStore _store = postgres.Store();

    private StorageOptions.Postgres ByPassword => _store.Connection with
    {
        Host = postgres.Server.SocketDirectory,
        CaFile = null,
        Tls = PostgresTls.Disable,
    };

    private StorageOptions.Postgres ByUser => ByPassword with { User = Environment.UserName, PasswordFile = null };

    public async Task InitializeAsync()
    {
        await _store.CreateAsync();
        await postgres.AskAsync($"CREATE ROLE \"{Environment.UserName}\" LOGIN");
        await LetInAsync($"local all \"{Environment.UserName}\" peer", "local all all scram-sha-256");
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        await postgres.AskAsync($"DROP ROLE \"{Environment.UserName}\"");
        await LetInAsync();
    }

    [Fact]
    public async Task A_broker_serves_over_it_and_goes_on_when_its_sessions_are_ended()
    {
        await using var database = await OpenAsync(ByPassword);
        await WriteAsync(database, "CREATE TABLE t (n INTEGER)");
        await postgres.AskAsync(
            $"SELECT COUNT(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = '{_store.Name}'");

        await Waiting.UntilAsync(() => database is { Losses: 1, Problem: null });
        await WriteAsync(database, "INSERT INTO t VALUES (7)");
        Assert.Equal(7, await database.ReadAsync(s => s.Statement("SELECT n FROM t").NumberAsync(default), default));
        Assert.Equal(DBNull.Value, await _store.AskAsync(
            $"SELECT MAX(host(client_addr)) FROM pg_stat_activity WHERE datname = '{_store.Name}' AND pid <> pg_backend_pid()"));
    }

    [Fact]
    public async Task The_user_of_the_process_is_proof_enough_where_the_server_says_so()
    {
        await postgres.AskAsync($"ALTER DATABASE {_store.Name} OWNER TO \"{Environment.UserName}\"");

        await using (await OpenAsync(ByUser))
            Assert.Equal(Environment.UserName, await _store.AskAsync(
                $"SELECT DISTINCT usename::text FROM pg_stat_activity WHERE datname = '{_store.Name}' AND pid <> pg_backend_pid()"));
    }

    [Fact]
    public async Task Two_brokers_do_not_share_a_database_by_taking_different_ways_to_it()
    {
        await using var database = await OpenAsync(ByPassword);

        Assert.Contains("in use by another broker", await RefusedAsync(_store.Connection), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_without_a_socket_and_an_account_without_a_password_are_told()
    {
        var nowhere = Path.Combine(postgres.Server.SocketDirectory, "none");
        Assert.Contains($"{_store.Name} on {nowhere}", await RefusedAsync(ByPassword with { Host = nowhere }), StringComparison.Ordinal);
        Assert.Contains("password", await RefusedAsync(ByUser with { User = "somebody" }), StringComparison.Ordinal);
    }

    private static Task<Database> OpenAsync(StorageOptions.Postgres options) =>
        Database.OpenAsync(options, TimeProvider.System, NullLogger.Instance, default);

    private static async Task<string> RefusedAsync(StorageOptions.Postgres options) =>
        (await Assert.ThrowsAsync<CannotStartException>(() => OpenAsync(options))).Message;

    private static Task<bool> WriteAsync(Database database, string sql) => database.WriteAsync(
        async s =>
        {
            await s.ExecuteAsync(sql, default);
            return true;
        },
        default);

    /// <summary>Besides whoever comes by TCP with a password.</summary>
    private async Task LetInAsync(params string[] lines)
    {
        await using (var stream = new FileStream((string)(await postgres.AskAsync("SHOW hba_file"))!, FileMode.Create))
        await using (var writer = new StreamWriter(stream))
            await writer.WriteLineAsync(string.Join('\n', [.. lines, "host all all all scram-sha-256"]));
        await postgres.AskAsync("SELECT pg_reload_conf()");
        await Waiting.UntilAsync(async () =>
            (long)(await postgres.AskAsync("SELECT COUNT(*) FROM pg_hba_file_rules WHERE type = 'local'"))! == lines.Length);
    }
}
