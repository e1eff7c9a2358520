using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Storage;

/// <summary>Which databases of a PostgreSQL server a broker takes, and what it says of the others.</summary>
[Collection(nameof(PostgresFixture))]
public sealed class PostgresStoreTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly PostgresTestStore _store = postgres.Store();
    private readonly FakeLogger _log = new();

    public Task InitializeAsync() => _store.CreateAsync();

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_second_broker_is_kept_off_the_same_database_until_the_first_has_ended()
    {
        var first = await _store.OpenAsync();
        var refused = await RefusedAsync(_store.Connection);
        await first.DisposeAsync();

        Assert.Contains("in use by another broker (session ", refused, StringComparison.Ordinal);
        Assert.Contains("from 127.0.0.1", refused, StringComparison.Ordinal);
        Assert.Contains("Stop that one first", refused, StringComparison.Ordinal);
        await Waiting.UntilAsync(async () => await postgres.AskAsync($"SELECT COUNT(*) FROM pg_stat_activity WHERE datname = '{_store.Name}'") is 0L);
        await using var again = await _store.OpenAsync();
        Assert.Equal(Schema.Newest, await again.ReadAsync(s => s.Statement("SELECT version FROM schema_version").NumberAsync(default), default));
    }

    [Fact]
    public async Task A_wrong_password_is_not_repeated_and_its_file_is_named()
    {
        var refused = await RefusedAsync(_store.Connection with { PasswordFile = _directory.Write("wrong", "sesame-0815") });

        Assert.Contains("password authentication failed", refused, StringComparison.Ordinal);
        Assert.Contains(_directory.File("wrong"), refused, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_file_that_is_gone_is_named()
    {
        var refused = await RefusedAsync(_store.Connection with { PasswordFile = _directory.File("none") });

        Assert.Contains($"The password file {_directory.File("none")} cannot be read", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_refused_with_the_statement_that_makes_it() => Assert.Contains(
        "CREATE DATABASE \"nothing\" OWNER \"admin\" ENCODING 'UTF8'",
        await RefusedAsync(_store.Connection with { Database = "nothing" }), StringComparison.Ordinal);

    [Fact]
    public async Task A_server_that_is_not_there_is_named() => Assert.Contains(
        $"The database {_store.Name} on localhost:1 cannot be used: ",
        await RefusedAsync(_store.Connection with { Port = 1 }), StringComparison.Ordinal);

    [Fact]
    public async Task A_server_whose_certificate_names_another_host_is_not_believed()
    {
        using var others = new TestCertificates(_directory.FullName);

        var refused = await RefusedAsync(_store.Connection with { CaFile = others.CaFile });

        Assert.Contains("from a CA in 'caFile', and name localhost", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_another_program_is_refused_and_what_extensions_bring_is_not_counted()
    {
        await _store.AskAsync("CREATE TABLE ours (n INTEGER)");
        var refused = await RefusedAsync(_store.Connection);
        await _store.AskAsync("DROP TABLE ours");

        Assert.Contains("belongs to another program", refused, StringComparison.Ordinal);
        await (await _store.OpenAsync()).DisposeAsync();
    }

    [Fact]
    public async Task A_database_of_a_newer_broker_is_refused_with_advice()
    {
        await (await _store.OpenAsync()).DisposeAsync();
        await _store.AskAsync("UPDATE schema_version SET version = 99");

        Assert.Contains("newer broker", await RefusedAsync(_store.Connection), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_with_another_encoding_is_refused()
    {
        var name = $"{_store.Name}_ascii";
        await postgres.AskAsync($"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII'");
        var refused = await RefusedAsync(_store.Connection with { Database = name });
        await postgres.AskAsync($"DROP DATABASE {name} WITH (FORCE)");

        Assert.Contains("has the encoding SQL_ASCII; the broker needs UTF8", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_pooler_is_refused_because_two_brokers_could_share_a_session()
    {
        await using var pooler = ServerProxy.Before(postgres.Server.Port, pools: true);

        Assert.Contains("behind a connection pooler", await RefusedAsync(
            _store.Connection with { Port = pooler.Port, Tls = PostgresTls.Disable, CaFile = null }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_that_may_not_make_tables_is_told_what_it_needs()
    {
        var role = $"{_store.Name}_user";
        await postgres.AskAsync($"CREATE ROLE {role} LOGIN PASSWORD 'simple-0815'");
        var account = _store.Connection with { User = role, PasswordFile = _directory.Write("simple", "simple-0815\n") };
        var refused = await RefusedAsync(account);
        await postgres.AskAsync($"ALTER DATABASE {_store.Name} OWNER TO {role}");

        // As an ordinary owner it has all that it needs.
        await using (await Database.OpenAsync(account, TimeProvider.System, NullLogger.Instance, default))
            Assert.Contains($"ALTER DATABASE \"{_store.Name}\" OWNER TO \"{role}\"", refused, StringComparison.Ordinal);
        await _store.AskAsync($"REASSIGN OWNED BY {role} TO CURRENT_USER");
        await postgres.AskAsync($"DROP ROLE {role}");
    }

    [Fact]
    public async Task Commits_wait_for_the_disk_whatever_the_database_says_and_a_server_that_never_does_is_warned_of()
    {
        await postgres.AskAsync($"ALTER DATABASE {_store.Name} SET synchronous_commit = off");
        await using var database = await _store.OpenAsync(logger: _log);

        Assert.Equal("on", await database.WriteAsync(
            s => s.Statement("SHOW synchronous_commit").FirstAsync(row => row.GetString(0), default), default));
        Assert.Contains(_log.Collector.GetSnapshot(), record => record.Message.Contains("fsync=off", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Texts_are_sorted_as_bytes_whatever_language_the_database_has()
    {
        await using var database = await _store.OpenAsync();

        Assert.Equal("C", await _store.AskAsync(
            "SELECT collation_name FROM information_schema.columns WHERE table_name = 'secret' AND column_name = 'path'"));
        Assert.Equal(0L, await _store.AskAsync(
            "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"));
    }

    [Fact]
    public async Task A_database_that_was_restored_from_a_dump_is_known_for_one()
    {
        await using (var first = await _store.OpenAsync())
            await first.SettleAsync();
        await using (var same = await _store.OpenAsync())
            Assert.Null(same.CopyOf);
        // As after pg_dump and pg_restore: the same rows, another table.
        await _store.AskAsync("ALTER TABLE origin RENAME TO earlier");
        await _store.AskAsync("CREATE TABLE origin AS SELECT * FROM earlier");

        await using (var restored = await _store.OpenAsync())
        {
            Assert.Equal("a dump, or moved to another server", restored.CopyOf);
            await restored.SettleAsync();
        }

        await using (var known = await _store.OpenAsync())
            Assert.Null(known.CopyOf);
    }

    [Fact]
    public async Task A_password_that_was_changed_is_used_for_the_next_connection()
    {
        var role = $"{_store.Name}_user";
        await postgres.AskAsync($"CREATE ROLE {role} LOGIN PASSWORD 'first'");
        await postgres.AskAsync($"ALTER DATABASE {_store.Name} OWNER TO {role}");
        var account = _store.Connection with { User = role, PasswordFile = _directory.Write("changing", "first") };
        await using (var database = await Database.OpenAsync(account, TimeProvider.System, NullLogger.Instance, default))
        {
            await postgres.AskAsync($"ALTER ROLE {role} PASSWORD 'second'");
            _directory.Write("changing", "second");
            Assert.Equal(0, await database.ReadAsync(s => s.Statement("SELECT COUNT(*) FROM secret").NumberAsync(default), default));
        }

        await _store.AskAsync($"REASSIGN OWNED BY {role} TO CURRENT_USER");
        await postgres.AskAsync($"ALTER DATABASE {_store.Name} OWNER TO CURRENT_USER");
        await postgres.AskAsync($"DROP ROLE {role}");
    }

    private static async Task<string> RefusedAsync(StorageOptions.Postgres options) =>
        (await Assert.ThrowsAsync<CannotStartException>(
            () => Database.OpenAsync(options, TimeProvider.System, NullLogger.Instance, default))).Message;
}
