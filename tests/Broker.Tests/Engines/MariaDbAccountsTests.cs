using System.Text;
using MySqlConnector;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Engines.MariaDb;
using SidecarAgent.Testing.Servers;

namespace SidecarAgent.Broker.Tests.Engines;

public sealed class MariaDbFixture : IAsyncLifetime
{
    public MariaDbServer Server { get; private set; } = null!;

    internal AccountConnection Connection => new()
    {
        Host = "localhost",
        Port = Server.Port,
        User = MariaDbServer.Admin,
        PasswordFile = Server.PasswordFile,
        CaFile = Server.CaFile,
    };

    public async Task InitializeAsync() => Server = await MariaDbServer.StartAsync();

    public Task DisposeAsync() => Server.DisposeAsync().AsTask();
}

public sealed class MariaDbAccountsTests(MariaDbFixture mariaDb) : IClassFixture<MariaDbFixture>
{
    private static readonly string[] Login = ["CREATE USER {{name}} IDENTIFIED BY PASSWORD {{password}}"];

    [Fact]
    public async Task An_account_logs_in_and_may_do_what_its_role_says()
    {
        await AskAsync("CREATE DATABASE shop; CREATE TABLE shop.orders (id int); INSERT INTO shop.orders VALUES (7)");
        await using var accounts = Accounts(Role([.. Login, "GRANT SELECT ON shop.* TO {{name}}"]));
        var (account, password) = SomeAccount.Of(accounts);

        await accounts.CreateAsync(account, default);
        await accounts.TestLoginAsync(account.Name, account.Password, default);

        await using var session = await LogInAsync(account.Name, password);
        await using var command = new MySqlCommand("SELECT id FROM shop.orders", session);
        Assert.Equal(7, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_password_never_reaches_the_server()
    {
        await using var accounts = Accounts(Role(Login));
        var (account, password) = SomeAccount.Of(accounts);
        await accounts.CreateAsync(account, default);
        using var other = AccountPassword.Generate();
        await accounts.SetPasswordAsync(account.Name, other, default);

        Assert.Contains(account.Name.Value, mariaDb.Server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(password, mariaDb.Server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(Encoding.ASCII.GetString(other.Span), mariaDb.Server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_password_replaces_the_first()
    {
        await using var accounts = Accounts(Role(Login));
        var (account, _) = SomeAccount.Of(accounts);
        await accounts.CreateAsync(account, default);
        using var other = AccountPassword.Generate();

        await accounts.SetPasswordAsync(account.Name, other, default);

        await accounts.TestLoginAsync(account.Name, other, default);
        await Assert.ThrowsAsync<AccountServerRefusedException>(() => accounts.TestLoginAsync(account.Name, account.Password, default));
    }

    [Fact]
    public async Task Dropping_ends_sessions_and_is_quiet_when_done_again()
    {
        await using var accounts = Accounts(Role(Login));
        var (account, password) = SomeAccount.Of(accounts);
        var (neighbour, neighboursPassword) = SomeAccount.Of(accounts);
        await accounts.CreateAsync(account, default);
        await accounts.CreateAsync(neighbour, default);
        await using var session = await LogInAsync(account.Name, password);
        await using var other = await LogInAsync(neighbour.Name, neighboursPassword);

        await accounts.DropAsync(account.Name, "r", default);
        await accounts.DropAsync(account.Name, "no longer configured", default);

        Assert.Equal(0L, await AskAsync($"SELECT count(*) FROM information_schema.processlist WHERE user = '{account.Name}' AND command <> 'Killed'"));
        Assert.False(await session.PingAsync());
        Assert.True(await other.PingAsync());
        Assert.Equal(0L, await AskAsync($"SELECT count(*) FROM mysql.user WHERE user = '{account.Name}'"));
    }

    [Fact]
    public async Task A_roles_own_statements_drop_what_is_there_and_are_left_out_where_nothing_is()
    {
        await AskAsync("CREATE TABLE mysql.of_accounts (name text)");
        await using var accounts = Accounts(Role(
            [.. Login, "GRANT SELECT ON mysql.of_accounts TO {{name}}"], ["REVOKE ALL PRIVILEGES, GRANT OPTION FROM {{name}}", "DROP USER {{name}}"]));
        var (account, password) = SomeAccount.Of(accounts);
        await accounts.CreateAsync(account, default);
        await using var session = await LogInAsync(account.Name, password);

        await accounts.DropAsync(account.Name, "r", default);
        await accounts.DropAsync(account.Name, "r", default);
        await accounts.DropAsync(accounts.NewName("r"), "r", default);

        Assert.False(await session.PingAsync());
        Assert.Equal(0L, await AskAsync($"SELECT count(*) FROM mysql.user WHERE user = '{account.Name}'"));
    }

    [Fact]
    public async Task What_was_made_half_way_is_refused_by_name_and_dropped_like_any_other()
    {
        await using var accounts = Accounts(Role([.. Login, "GRANT nobody_has_made_this TO {{name}}"]));
        var (account, _) = SomeAccount.Of(accounts);

        var refusal = await Assert.ThrowsAsync<AccountServerRefusedException>(() => accounts.CreateAsync(account, default));
        await accounts.DropAsync(account.Name, "r", default);

        Assert.Contains("nobody_has_made_this", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0L, await AskAsync($"SELECT count(*) FROM mysql.user WHERE user = '{account.Name}'"));
    }

    [Fact]
    public async Task An_error_never_repeats_the_statement()
    {
        await using var accounts = Accounts(Role(["CREATE USER {{name}} IDENTIFIED BY PASSWORD {{password}} WITHOUT SENSE"]));
        var (account, _) = SomeAccount.Of(accounts);

        var refusal = await Assert.ThrowsAsync<AccountServerRefusedException>(() => accounts.CreateAsync(account, default));

        Assert.DoesNotContain("SENSE", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_brokers_own_password_is_read_again_when_it_changes()
    {
        using var directory = Testing.TempDirectory.Create();
        await AskAsync("CREATE USER changing IDENTIFIED BY 'first'");
        var file = directory.Write("password", "first");
        await using var accounts = new MariaDbAccounts(mariaDb.Connection with { User = "changing", PasswordFile = file }, []);
        await accounts.PingAsync(default);

        await AskAsync("ALTER USER changing IDENTIFIED BY 'second'; KILL USER changing");
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
        await using var accounts = new MariaDbAccounts(mariaDb.Connection with { CaFile = strangers.CaFile }, []);

        await Assert.ThrowsAsync<AccountServerUnreachableException>(() => accounts.PingAsync(default));
    }

    [Fact]
    public async Task A_server_that_is_away_may_come_back()
    {
        await using var accounts = new MariaDbAccounts(mariaDb.Connection with { Port = 1 }, []);

        await Assert.ThrowsAsync<AccountServerUnreachableException>(() => accounts.PingAsync(default));
    }

    private MariaDbAccounts Accounts(RoleStatements role) => new(mariaDb.Connection, [role]);

    private static RoleStatements Role(string[] create, string[]? drop = null) => RoleStatements.Parse(
        MariaDbGrammar.Statements, "r", create, drop ?? [], null, (list, problem) => Assert.Fail($"{list}: {problem}"));

    private Task<MySqlConnection> LogInAsync(AccountName name, string password) =>
        OpenAsync(MariaDbConnections.Single(mariaDb.Connection, name, password));

    private static async Task<MySqlConnection> OpenAsync(MySqlConnection connection)
    {
        await connection.OpenAsync();
        return connection;
    }

    private async Task<object?> AskAsync(string sql)
    {
        await using var pool = MariaDbConnections.Pool(mariaDb.Connection with { Connections = 1 });
        await using var connection = await MariaDbConnections.OpenAsync(pool, mariaDb.Connection, default);
        await using var command = new MySqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
