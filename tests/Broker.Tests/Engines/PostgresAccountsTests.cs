using System.Text;
using Npgsql;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Engines.Postgres;

namespace SidecarAgent.Broker.Tests.Engines;

[Collection(nameof(PostgresFixture))]
public sealed class PostgresAccountsTests(PostgresFixture postgres)
{
    private static readonly string[] Login = ["CREATE ROLE {{name}} LOGIN PASSWORD {{password}} VALID UNTIL {{validUntil}}"];

    [Fact]
    public async Task An_account_logs_in_and_may_do_what_its_role_says()
    {
        await postgres.AskAsync("CREATE TABLE orders (id int); INSERT INTO orders VALUES (7)");
        await using var accounts = postgres.Accounts(PostgresFixture.Role("orders", [.. Login, "GRANT SELECT ON orders TO \"{{name}}\";"]));
        var (account, password) = SomeAccount.Of(accounts, "orders");

        await accounts.CreateAsync(account, default);
        await accounts.TestLoginAsync(account.Name, account.Password, default);

        await using var session = await postgres.LogInAsync(account.Name, password);
        await using var command = new NpgsqlCommand("SELECT id FROM orders", session);
        Assert.Equal(7, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_password_never_reaches_the_server()
    {
        await using var accounts = postgres.Accounts(PostgresFixture.Role("r", Login));
        var (account, password) = SomeAccount.Of(accounts);
        await accounts.CreateAsync(account, default);
        var other = AccountPassword.Generate();
        await accounts.SetPasswordAsync(account.Name, other, default);

        Assert.Contains(account.Name.Value, postgres.Server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(password, postgres.Server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(Encoding.ASCII.GetString(other.Span), postgres.Server.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ChannelBinding.Disable)]
    [InlineData(ChannelBinding.Require)]
    public async Task A_password_that_is_hashed_once_logs_in_like_any_other(ChannelBinding binding)
    {
        await using var accounts = new PostgresAccounts(postgres.Connection, [PostgresFixture.Role("r", Login)], iterations: 1);
        var (account, password) = SomeAccount.Of(accounts);
        await accounts.CreateAsync(account, default);

        Assert.StartsWith("SCRAM-SHA-256$1:", await VerifierAsync(account.Name), StringComparison.Ordinal);
        await using var session = await postgres.LogInAsync(account.Name, password, binding);
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => postgres.LogInAsync(account.Name, password[1..], binding));
        Assert.Equal("28P01", refusal.SqlState);
    }

    [Fact]
    public async Task A_password_that_may_have_been_chosen_is_hashed_as_often_as_ever()
    {
        await using var accounts = new PostgresAccounts(postgres.Connection, [PostgresFixture.Role("r", Login)], iterations: 1);
        var (account, _) = SomeAccount.Of(accounts);
        await accounts.CreateAsync(account, default);
        using var chosen = SecretBytes.CopyOf("correct-horse-battery-staple"u8);

        await accounts.SetPasswordAsync(account.Name, chosen, default);

        Assert.StartsWith("SCRAM-SHA-256$4096:", await VerifierAsync(account.Name), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_password_replaces_the_first()
    {
        await using var accounts = postgres.Accounts(PostgresFixture.Role("r", Login));
        var (account, _) = SomeAccount.Of(accounts);
        await accounts.CreateAsync(account, default);
        using var other = AccountPassword.Generate();

        await accounts.SetPasswordAsync(account.Name, other, default);

        await accounts.TestLoginAsync(account.Name, other, default);
        await Assert.ThrowsAsync<AccountServerRefusedException>(() => accounts.TestLoginAsync(account.Name, account.Password, default));
    }

    [Fact]
    public async Task The_server_itself_refuses_an_account_whose_time_is_over_until_it_is_extended()
    {
        await using var accounts = postgres.Accounts(PostgresFixture.Role("r", Login));
        var (account, _) = SomeAccount.Of(accounts, until: TimeProvider.System.GetUtcNow().AddMinutes(-1));
        await accounts.CreateAsync(account, default);
        await Assert.ThrowsAsync<AccountServerRefusedException>(() => accounts.TestLoginAsync(account.Name, account.Password, default));

        await accounts.ExtendAsync(account.Name, SomeAccount.Later, default);

        await accounts.TestLoginAsync(account.Name, account.Password, default);
    }

    [Fact]
    public async Task Dropping_ends_sessions_and_removes_what_the_account_owns()
    {
        await using var accounts = postgres.Accounts(PostgresFixture.Role("r", [.. Login, "GRANT CREATE ON SCHEMA public TO {{name}}"]));
        var (account, password) = SomeAccount.Of(accounts);
        await accounts.CreateAsync(account, default);
        await using var session = await postgres.LogInAsync(account.Name, password);
        await ExecuteAsync(session, "CREATE TABLE left_behind (id int)");
        await ExecuteAsync(session, "BEGIN; LOCK TABLE left_behind");

        await accounts.DropAsync(account.Name, "r", default);

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => ExecuteAsync(session, "SELECT 1"));
        Assert.Null(await postgres.AskAsync($"SELECT 1 FROM pg_roles WHERE rolname = '{account.Name}'"));
        Assert.Null(await postgres.AskAsync("SELECT 1 FROM pg_class WHERE relname = 'left_behind'"));
    }

    [Fact]
    public async Task What_an_account_owns_is_given_to_the_configured_heir()
    {
        await postgres.AskAsync("CREATE ROLE heir");
        await using var accounts = postgres.Accounts(
            PostgresFixture.Role("r", [.. Login, "GRANT CREATE ON SCHEMA public TO {{name}}"], reassignTo: "heir"));
        var (account, password) = SomeAccount.Of(accounts);
        await accounts.CreateAsync(account, default);
        await using (var session = await postgres.LogInAsync(account.Name, password))
            await ExecuteAsync(session, "CREATE TABLE inherited (id int)");

        await accounts.DropAsync(account.Name, "r", default);

        Assert.Equal("heir", await postgres.AskAsync("SELECT tableowner FROM pg_tables WHERE tablename = 'inherited'"));
    }

    [Fact]
    public async Task Dropping_twice_or_what_never_was_is_quiet()
    {
        await using var accounts = postgres.Accounts(PostgresFixture.Role("r", Login));
        var (account, _) = SomeAccount.Of(accounts);
        await accounts.CreateAsync(account, default);

        await accounts.DropAsync(account.Name, "r", default);
        await accounts.DropAsync(account.Name, "r", default);
        await accounts.DropAsync(accounts.NewName("r"), "no longer configured", default);
    }

    [Fact]
    public async Task A_role_that_cannot_be_made_whole_is_not_made_at_all()
    {
        await using var accounts = postgres.Accounts(PostgresFixture.Role("r", [.. Login, "GRANT nobody_has_made_this TO {{name}}"]));
        var (account, _) = SomeAccount.Of(accounts);

        var refusal = await Assert.ThrowsAsync<AccountServerRefusedException>(() => accounts.CreateAsync(account, default));

        Assert.Contains("nobody_has_made_this", refusal.Message, StringComparison.Ordinal);
        Assert.Null(await postgres.AskAsync($"SELECT 1 FROM pg_roles WHERE rolname = '{account.Name}'"));
    }

    [Fact]
    public async Task A_broker_that_is_no_superuser_can_do_it_all()
    {
        await postgres.AskAsync("CREATE ROLE maker LOGIN CREATEROLE PASSWORD 'made-for-this-test'; GRANT CREATE ON SCHEMA public TO maker WITH GRANT OPTION");
        using var directory = Testing.TempDirectory.Create();
        var connection = postgres.Connection with { User = "maker", PasswordFile = directory.Write("password", "made-for-this-test\n") };
        await using var accounts = new PostgresAccounts(
            connection, [PostgresFixture.Role("r", [.. Login, "GRANT CREATE ON SCHEMA public TO {{name}}"])]);
        var (account, password) = SomeAccount.Of(accounts);
        await accounts.CreateAsync(account, default);
        await using var session = await postgres.LogInAsync(account.Name, password);
        await ExecuteAsync(session, "CREATE TABLE of_a_small_role (id int)");

        await accounts.DropAsync(account.Name, "r", default);

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => ExecuteAsync(session, "SELECT 1"));
        Assert.Null(await postgres.AskAsync($"SELECT 1 FROM pg_roles WHERE rolname = '{account.Name}'"));
    }

    [Fact]
    public async Task The_brokers_own_password_is_read_again_when_it_changes()
    {
        using var directory = Testing.TempDirectory.Create();
        await postgres.AskAsync("CREATE ROLE changing LOGIN CREATEROLE PASSWORD 'first'");
        var file = directory.Write("password", "first");
        await using var accounts = new PostgresAccounts(postgres.Connection with { User = "changing", PasswordFile = file }, []);
        await accounts.PingAsync(default);

        await postgres.AskAsync(
            "ALTER ROLE changing PASSWORD 'second'; SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'changing'");
        directory.Write("password", "second");
        // The pool may find out only now that its connection has been ended.
        await Record.ExceptionAsync(() => accounts.PingAsync(default));

        await accounts.PingAsync(default);
    }

    [Fact]
    public async Task A_server_whose_certificate_is_not_vouched_for_is_not_talked_to()
    {
        using var directory = Testing.TempDirectory.Create();
        using var strangers = new Testing.TestCertificates(directory.FullName);
        await using var accounts = new PostgresAccounts(postgres.Connection with { CaFile = strangers.CaFile }, []);

        await Assert.ThrowsAsync<AccountServerUnreachableException>(() => accounts.PingAsync(default));
    }

    [Fact]
    public async Task A_server_that_is_away_may_come_back()
    {
        await using var accounts = new PostgresAccounts(postgres.Connection with { Port = 1 }, []);

        await Assert.ThrowsAsync<AccountServerUnreachableException>(() => accounts.PingAsync(default));
    }

    [Fact]
    public async Task No_more_connections_are_opened_than_configured()
    {
        await using var accounts = new PostgresAccounts(postgres.Connection with { Connections = 2 }, [PostgresFixture.Role("r", Login)]);
        var made = Enumerable.Range(0, 20).Select(_ => SomeAccount.Of(accounts).Account).ToList();

        await Task.WhenAll(made.Select(account => accounts.CreateAsync(account, default)));

        Assert.Equal(20L, await postgres.AskAsync(
            $"SELECT count(*) FROM pg_roles WHERE rolname IN ({string.Join(',', made.Select(account => $"'{account.Name}'"))})"));
        Assert.InRange((long)(await postgres.AskAsync("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sidecar-broker'"))!, 1, 4);
    }

    private async Task<string> VerifierAsync(AccountName name) =>
        (string)(await postgres.AskAsync($"SELECT rolpassword FROM pg_authid WHERE rolname = '{name}'"))!;

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }
}
