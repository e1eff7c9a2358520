using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Engines.Redis;
using SidecarAgent.Testing.Servers;
using StackExchange.Redis;

namespace SidecarAgent.Broker.Tests.Engines;

public sealed class RedisFixture : IAsyncLifetime
{
    public RedisServer Server { get; private set; } = null!;

    internal AccountConnection Connection => new()
    {
        Host = "localhost",
        Port = Server.Port,
        User = RedisServer.Admin,
        PasswordFile = Server.PasswordFile,
        CaFile = Server.CaFile,
    };

    public async Task InitializeAsync() => Server = await RedisServer.StartAsync();

    public Task DisposeAsync() => Server.DisposeAsync().AsTask();
}

public sealed class RedisAccountsTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private static readonly string[] Orders = ["~orders:*", "&{{name}}.*", "+@read", "+@write", "+@connection", "+info"];

    [Fact]
    public async Task A_user_logs_in_and_may_do_what_its_role_says_and_no_more()
    {
        await using var accounts = Accounts(Orders);
        var (account, password) = SomeAccount.Of(accounts);

        await accounts.CreateAsync(account, default);
        await accounts.TestLoginAsync(account.Name, account.Password, default);

        await using var session = await LogInAsync(account.Name, password);
        await session.GetDatabase().StringSetAsync("orders:7", "seven");
        await Assert.ThrowsAsync<RedisServerException>(() => session.GetDatabase().StringSetAsync("bills:7", "seven"));
        await Assert.ThrowsAsync<RedisServerException>(() => session.GetDatabase().ExecuteAsync("ACL", "LIST"));
    }

    [Fact]
    public async Task A_user_without_any_command_of_the_greeting_can_be_tried()
    {
        await using var accounts = Accounts(["~a", "+get"]);
        var (account, _) = SomeAccount.Of(accounts);
        await accounts.CreateAsync(account, default);

        await accounts.TestLoginAsync(account.Name, account.Password, default);
    }

    [Fact]
    public async Task A_password_never_reaches_the_server()
    {
        await using var accounts = Accounts(Orders);
        var (account, password) = SomeAccount.Of(accounts);

        await accounts.CreateAsync(account, default);

        var kept = $"{await AskAsync("ACL", "GETUSER", account.Name.Value)} {File.ReadAllText(redis.Server.UserFile)}";
        Assert.DoesNotContain(password, kept, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_password_replaces_the_first()
    {
        await using var accounts = Accounts(Orders);
        var (account, _) = SomeAccount.Of(accounts);
        await accounts.CreateAsync(account, default);
        using var other = AccountPassword.Generate();

        await accounts.SetPasswordAsync(account.Name, other, default);

        await accounts.TestLoginAsync(account.Name, other, default);
        await Assert.ThrowsAsync<AccountServerRefusedException>(() => accounts.TestLoginAsync(account.Name, account.Password, default));
    }

    [Fact]
    public async Task A_password_makes_no_user_that_is_not_there()
    {
        await using var accounts = Accounts(Orders);
        using var password = AccountPassword.Generate();
        var name = accounts.NewName("r");

        await Assert.ThrowsAsync<AccountServerRefusedException>(() => accounts.SetPasswordAsync(name, password, default));

        Assert.True((await AskAsync("ACL", "GETUSER", name.Value)).IsNull);
    }

    [Fact]
    public async Task What_nobody_waits_for_any_more_is_not_sent()
    {
        await using var accounts = Accounts(Orders);
        var (account, _) = SomeAccount.Of(accounts);
        await accounts.PingAsync(default);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accounts.CreateAsync(account, new CancellationToken(canceled: true)));
        // On the same connection, after whatever was sent.
        await accounts.PingAsync(default);

        Assert.True((await AskAsync("ACL", "GETUSER", account.Name.Value)).IsNull);
    }

    [Fact]
    public async Task Dropping_ends_sessions_and_is_quiet_when_done_again()
    {
        await using var accounts = Accounts(Orders);
        var (account, password) = SomeAccount.Of(accounts);
        await accounts.CreateAsync(account, default);
        await using var session = await LogInAsync(account.Name, password);
        var lost = new TaskCompletionSource();
        session.ConnectionFailed += (_, _) => lost.TrySetResult();

        await accounts.DropAsync(account.Name, "r", default);
        await accounts.DropAsync(account.Name, "no longer configured", default);

        await lost.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<AccountServerRefusedException>(() => accounts.TestLoginAsync(account.Name, account.Password, default));
    }

    [Fact]
    public async Task Users_outlive_a_restart_where_they_are_saved()
    {
        await using var server = await RedisServer.StartAsync();
        var connection = redis.Connection with { Port = server.Port, PasswordFile = server.PasswordFile, CaFile = server.CaFile };
        await using var accounts = new RedisAccounts(connection, [Role(Orders)], saves: true);
        var (account, _) = SomeAccount.Of(accounts);
        await accounts.CreateAsync(account, default);

        await server.StopAsync();
        await Assert.ThrowsAsync<AccountServerUnreachableException>(() => accounts.PingAsync(default));
        await server.StartAgainAsync();

        await accounts.TestLoginAsync(account.Name, account.Password, default);
    }

    [Fact]
    public async Task The_brokers_own_password_is_read_again_when_it_changes()
    {
        await using var server = await RedisServer.StartAsync();
        var connection = redis.Connection with { Port = server.Port, PasswordFile = server.PasswordFile, CaFile = server.CaFile };
        await using var accounts = new RedisAccounts(connection, [], saves: false);
        await accounts.PingAsync(default);

        await server.StopAsync();
        var users = File.ReadAllText(server.UserFile).Replace(File.ReadAllText(server.PasswordFile), "another", StringComparison.Ordinal);
        File.WriteAllText(server.UserFile, users);
        File.WriteAllText(server.PasswordFile, "another\n");
        await server.StartAgainAsync();

        await EventuallyAsync(() => accounts.PingAsync(default));
    }

    [Fact]
    public async Task A_wrong_rule_is_refused_by_the_server_and_leaves_nothing()
    {
        await using var accounts = Accounts(["+no-such-command"]);
        var (account, password) = SomeAccount.Of(accounts);

        var refusal = await Assert.ThrowsAsync<AccountServerRefusedException>(() => accounts.CreateAsync(account, default));

        Assert.Contains("no-such-command", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("#", refusal.Message, StringComparison.Ordinal);
        Assert.True((await AskAsync("ACL", "GETUSER", account.Name.Value)).IsNull);
    }

    [Fact]
    public async Task A_server_whose_certificate_is_not_vouched_for_is_not_talked_to()
    {
        using var directory = Testing.TempDirectory.Create();
        using var strangers = new Testing.TestCertificates(directory.FullName);
        await using var accounts = new RedisAccounts(redis.Connection with { CaFile = strangers.CaFile }, [], saves: false);
        using var password = AccountPassword.Generate();

        await Assert.ThrowsAsync<AccountServerUnreachableException>(() => accounts.PingAsync(default));
        await Assert.ThrowsAsync<AccountServerUnreachableException>(() => accounts.TestLoginAsync(accounts.NewName("r"), password, default));
    }

    [Fact]
    public async Task A_wrong_password_of_the_broker_is_said_plainly()
    {
        using var directory = Testing.TempDirectory.Create();
        await using var accounts = new RedisAccounts(
            redis.Connection with { PasswordFile = directory.Write("password", "wrong") }, [], saves: false);

        await Assert.ThrowsAsync<AccountServerRefusedException>(() => accounts.PingAsync(default));
    }

    [Theory]
    [InlineData("on")]
    [InlineData("off")]
    [InlineData("nopass")]
    [InlineData(">password")]
    [InlineData("#0123")]
    [InlineData("reset")]
    [InlineData("~a b")]
    [InlineData("~a\r\nACL")]
    [InlineData("~{{password}}")]
    [InlineData("+{{name}}")]
    [InlineData("(~a nopass)")]
    [InlineData("(~a (+get))")]
    [InlineData("()")]
    [InlineData("%X~a")]
    [InlineData("~ключ")]
    [InlineData("+")]
    public void A_rule_that_is_not_a_roles_is_refused_when_it_is_read(string rule)
    {
        var problems = new List<string>();
        RedisRole.Parse("r", [rule, "+get"], problems.Add);
        Assert.Single(problems);
    }

    private static RedisRole Role(string[] rules) => RedisRole.Parse("r", rules, Assert.Fail);

    private RedisAccounts Accounts(string[] rules) => new(redis.Connection, [Role(rules)], saves: true);

    private Task<ConnectionMultiplexer> LogInAsync(AccountName name, string password) => ConnectAsync(name.Value, password);

    private async Task<RedisResult> AskAsync(string command, params object[] arguments)
    {
        await using var session = await ConnectAsync(RedisServer.Admin, await File.ReadAllTextAsync(redis.Server.PasswordFile));
        return await session.GetDatabase().ExecuteAsync(command, arguments);
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(string user, string password)
    {
        var settings = new ConfigurationOptions
        {
            EndPoints = { { "localhost", redis.Server.Port } },
            User = user,
            Password = password,
            Ssl = true,
            AllowAdmin = true,
        };
        settings.TrustIssuer(redis.Server.CaFile);
        return await ConnectionMultiplexer.ConnectAsync(settings);
    }

    private static async Task EventuallyAsync(Func<Task> act)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        while (true)
        {
            try
            {
                await act();
                return;
            }
            catch (AccountServerUnreachableException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
            }
        }
    }
}
