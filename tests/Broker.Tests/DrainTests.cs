using System.Diagnostics;
using System.Net.Sockets;
using Grpc.Core;
using Npgsql;
using SidecarAgent.Broker.Tests.Credentials;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Broker.Tests.Storage;

namespace SidecarAgent.Broker.Tests;

/// <summary>What becomes of calls that are under way at SIGTERM, because a real PostgreSQL makes the broker wait.</summary>
[Collection(nameof(PostgresFixture))]
public sealed class DrainTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly PostgresTestStore _store = postgres.Store();
    private RunningBroker _broker = null!;
    private Process _process = null!;

    public async Task InitializeAsync()
    {
        _broker = await RunningBroker.StartAsync(
            policies: DynamicBroker.Policies, configuration: DynamicBroker.On(postgres.Server, timeout: "5m"), store: _store);
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        await _broker.StopAsync();
        _process = BrokerProcess.Start("run", "--config", _broker.File("broker.yaml"));
        _broker.Address = await _process.ServingAsync();
    }

    public async Task DisposeAsync()
    {
        // Does nothing to one that has ended, as all have that did what they should.
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        await _broker.StartServerAsync();
        await _broker.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task A_fetch_that_waits_for_its_account_gets_it_and_nobody_else_is_let_in()
    {
        await using var held = await HoldAsync("postgres", "pg_authid");
        var client = _broker.Client();
        using var fetch = client.FetchAsync(Requests.Fetch(DynamicBroker.Path));
        await UntilSomebodyWaitsAsync("postgres", "pg_authid");

        await _process.SignalAsync("TERM");
        await UntilClosedAsync();
        // Over the connection that is open it is told to ask no more, which takes a moment.
        await Waiting.UntilAsync(async () =>
            await Record.ExceptionAsync(async () => await client.FetchAsync(Requests.Fetch("kv/shop/db")))
                is RpcException { StatusCode: StatusCode.Unavailable });
        Assert.False(fetch.ResponseAsync.IsCompleted);
        await held.CloseAsync();
        var issued = (await fetch).Updates.Single().Issued;
        await _process.WaitForExitAsync();

        await using (await postgres.LogInAsync(issued.User(), issued.Text()))
            Assert.Equal((0, ""), (_process.ExitCode, await _process.StandardError.ReadToEndAsync()));
    }

    [Fact]
    public async Task A_fetch_whose_lease_waits_for_the_database_gets_its_answer_and_the_lease_is_there_afterwards()
    {
        await using var held = await HoldAsync(_store.Name, "lease");
        using var fetch = _broker.Client().FetchAsync(Requests.Fetch("kv/shop/db"));
        await UntilSomebodyWaitsAsync(_store.Name, "lease");

        await _process.SignalAsync("TERM");
        await UntilClosedAsync();
        await held.CloseAsync();
        var issued = (await fetch).Updates.Single().Issued;
        await _process.WaitForExitAsync();

        Assert.Equal("one", issued.Text());
        Assert.Equal((0, ""), (_process.ExitCode, await _process.StandardError.ReadToEndAsync()));
        Assert.Equal(issued.Lease.Id, await _store.AskAsync("SELECT id FROM lease"));
    }

    [Fact]
    public async Task A_call_that_does_not_end_does_not_keep_the_broker()
    {
        await using var held = await HoldAsync("postgres", "pg_authid");
        using var fetch = _broker.Client().FetchAsync(Requests.Fetch(DynamicBroker.Path));
        await UntilSomebodyWaitsAsync("postgres", "pg_authid");

        await _process.SignalAsync("TERM");
        // It ends by itself, while the server still makes it wait for minutes.
        await _process.WaitForExitAsync();
        await Assert.ThrowsAsync<RpcException>(async () => await fetch);
        Assert.Equal(0, _process.ExitCode);
        Assert.Contains("under way that did not end", await _process.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
    }

    /// <summary>Whoever writes to the table waits until the connection is closed; reading goes on.</summary>
    private async Task<NpgsqlConnection> HoldAsync(string database, string table)
    {
        var connection = await postgres.ConnectAsync(database);
#pragma warning disable CA2100 // Written in this file.
        await using var command = new NpgsqlCommand($"BEGIN; LOCK TABLE {table} IN SHARE MODE", connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    private Task UntilSomebodyWaitsAsync(string database, string table) => Waiting.UntilAsync(async () =>
        await postgres.AskAsync($"SELECT 1 FROM pg_locks WHERE NOT granted AND relation = CAST('{table}' AS regclass)", database) is not null);

    private Task UntilClosedAsync() => Waiting.UntilAsync(async () =>
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(_broker.Address.Host, _broker.Address.Port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    });
}
