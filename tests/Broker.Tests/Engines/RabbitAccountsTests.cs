using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Engines.RabbitMq;
using SidecarAgent.Testing.Servers;

namespace SidecarAgent.Broker.Tests.Engines;

public sealed class RabbitFixture : IAsyncLifetime
{
    public RabbitServer Server { get; private set; } = null!;

    internal AccountConnection Connection => new()
    {
        Host = "localhost",
        Port = Server.Port,
        User = RabbitServer.Admin,
        PasswordFile = Server.PasswordFile,
        CaFile = Server.CaFile,
    };

    public async Task InitializeAsync() => Server = await RabbitServer.StartAsync();

    public Task DisposeAsync() => Server.DisposeAsync().AsTask();
}

public sealed class RabbitAccountsTests(RabbitFixture rabbit) : IClassFixture<RabbitFixture>
{
    private static readonly RabbitRole Orders = new("r", [], [new RabbitPermission("/", "^{{name}}\\..*$", "^(amq\\.default|{{name}}\\..*)$", ".*")]);

    [Fact]
    public async Task A_user_logs_in_and_may_do_what_its_role_says_and_no_more()
    {
        await using var accounts = Accounts(Orders);
        var (account, password) = SomeAccount.Of(accounts);

        await accounts.CreateAsync(account, default);
        await accounts.TestLoginAsync(account.Name, account.Password, default);

        await using var session = await LogInAsync(account.Name, password);
        await using (var channel = await session.CreateChannelAsync())
            await channel.QueueDeclareAsync($"{account.Name}.inbox");
        await using var another = await session.CreateChannelAsync();
        await Assert.ThrowsAsync<OperationInterruptedException>(() => another.QueueDeclareAsync("somebody.elses"));
    }

    [Fact]
    public async Task Another_password_replaces_the_first_and_rights_stay()
    {
        await using var accounts = Accounts(Orders with { Tags = ["monitoring"] });
        var (account, _) = SomeAccount.Of(accounts);
        await accounts.CreateAsync(account, default);
        using var other = AccountPassword.Generate();

        await accounts.SetPasswordAsync(account.Name, other, default);

        await accounts.TestLoginAsync(account.Name, other, default);
        await Assert.ThrowsAsync<AccountServerRefusedException>(() => accounts.TestLoginAsync(account.Name, account.Password, default));
        using var api = new ManagementApi(rabbit.Connection, rabbit.Server.ManagementPort);
        var user = await api.AskAsync(HttpMethod.Get, $"users/{account.Name}", null, "tell", default);
        Assert.Contains("monitoring", user!["tags"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_makes_no_user_that_is_not_there()
    {
        await using var accounts = Accounts(Orders);
        using var password = AccountPassword.Generate();

        await Assert.ThrowsAsync<AccountServerRefusedException>(() => accounts.SetPasswordAsync(accounts.NewName("r"), password, default));
    }

    [Fact]
    public async Task Dropping_ends_connections_and_is_quiet_when_done_again()
    {
        await using var accounts = Accounts(Orders);
        var (account, password) = SomeAccount.Of(accounts);
        await accounts.CreateAsync(account, default);
        await using var session = await LogInAsync(account.Name, password);
        var lost = new TaskCompletionSource();
        session.ConnectionShutdownAsync += (_, _) =>
        {
            lost.TrySetResult();
            return Task.CompletedTask;
        };

        await accounts.DropAsync(account.Name, "r", default);
        // The server may hear of a connection a little later than of its login; the broker, too, drops young accounts twice.
        await Waiting.UntilAsync(async () =>
        {
            await accounts.DropAsync(account.Name, "no longer configured", default);
            return lost.Task.IsCompleted;
        });

        await Assert.ThrowsAsync<AccountServerRefusedException>(() => accounts.TestLoginAsync(account.Name, account.Password, default));
    }

    [Fact]
    public async Task A_virtual_host_that_is_not_there_is_named()
    {
        await using var accounts = Accounts(new RabbitRole("r", [], [new RabbitPermission("no/such", "", "", "")]));
        var (account, _) = SomeAccount.Of(accounts);

        var refusal = await Assert.ThrowsAsync<AccountServerRefusedException>(() => accounts.CreateAsync(account, default));

        Assert.Contains("no/such", refusal.Message, StringComparison.Ordinal);
        await accounts.DropAsync(account.Name, "r", default);
    }

    [Fact]
    public async Task A_wrong_password_of_the_broker_is_said_plainly_and_read_again()
    {
        using var directory = Testing.TempDirectory.Create();
        var file = directory.Write("password", "wrong");
        await using var accounts = new RabbitAccounts(
            rabbit.Connection with { PasswordFile = file }, rabbit.Server.ManagementPort, "/", [Orders]);
        await Assert.ThrowsAsync<AccountServerRefusedException>(() => accounts.PingAsync(default));

        File.Copy(rabbit.Server.PasswordFile, file, overwrite: true);

        await accounts.PingAsync(default);
    }

    [Fact]
    public async Task A_server_whose_certificate_is_not_vouched_for_is_not_talked_to()
    {
        using var directory = Testing.TempDirectory.Create();
        using var strangers = new Testing.TestCertificates(directory.FullName);
        await using var accounts = new RabbitAccounts(
            rabbit.Connection with { CaFile = strangers.CaFile }, rabbit.Server.ManagementPort, "/", [Orders]);
        using var password = AccountPassword.Generate();

        await Assert.ThrowsAsync<AccountServerUnreachableException>(() => accounts.PingAsync(default));
        await Assert.ThrowsAsync<AccountServerUnreachableException>(() => accounts.TestLoginAsync(accounts.NewName("r"), password, default));
    }

    [Theory]
    [InlineData("^{{name}}$", true)]
    [InlineData("", true)]
    [InlineData("{{password}}", false)]
    [InlineData("a\nb", false)]
    public void A_pattern_can_name_the_account(string pattern, bool isGood) =>
        Assert.Equal(isGood, RabbitPermission.ProblemOfPattern(pattern) is null);

    private RabbitAccounts Accounts(RabbitRole role) => new(rabbit.Connection, rabbit.Server.ManagementPort, "/", [role]);

    private Task<IConnection> LogInAsync(AccountName name, string password) =>
        RabbitLogin.OpenAsync(rabbit.Connection, "/", name, password, default);
}
