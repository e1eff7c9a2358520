using System.Net;
using Grpc.Core;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Storage;

/// <summary>What agents and operators see of a broker whose database server goes away.</summary>
[Collection(nameof(PostgresFixture))]
public sealed class PostgresOutageTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly PostgresTestStore _store = postgres.Store();
    private ServerProxy _proxy = null!;
    private RunningBroker _broker = null!;

    public async Task InitializeAsync()
    {
        _proxy = ServerProxy.Before(postgres.Server.Port);
        _store.Port = _proxy.Port;
        _broker = await RunningBroker.StartAsync(store: _store);
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await _proxy.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task No_value_leaves_while_it_is_away_not_even_one_from_memory_and_then_the_lease_goes_on()
    {
        var lease = (await FetchAsync()).Lease.Id;
        Assert.Equal("one", (await FetchAsync(lease)).Text());
        _proxy.TakeDown();
        await Waiting.UntilAsync(async () => (await ReadyAsync()).Contains("storage: The connection to the database is lost", StringComparison.Ordinal));

        var refused = await Assert.ThrowsAsync<RpcException>(() => FetchAsync(lease));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.NotNull(refused.RetryDelay());
        var put = await Assert.ThrowsAsync<RpcException>(
            async () => await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "two"))));
        Assert.Equal(StatusCode.Unavailable, put.StatusCode);

        _proxy.BringUp();
        await Waiting.UntilAsync(async () => (await ReadyAsync()).Contains("storage: ok", StringComparison.Ordinal));
        var again = await FetchAsync(lease);
        Assert.Equal((lease, "one"), (again.Lease.Id, again.Text()));
        Assert.Equal(2UL, (await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "two")))).Version);
        Assert.Equal("two", (await FetchAsync()).Text());
    }

    [Fact]
    public async Task A_broker_that_lost_its_database_to_another_ends_and_says_so()
    {
        await _broker.StopAsync();
        using var process = BrokerProcess.Start("run", "--config", _broker.File("broker.yaml"));
        await process.ServingAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        _proxy.TakeDown();
        _store.Port = postgres.Server.Port;
        await Waiting.UntilAsync(async () =>
        {
            try
            {
                await (await _store.OpenAsync()).DisposeAsync();
                return true;
            }
            catch (CannotStartException)
            {
                // Until the server has noticed that the first one's connection is gone.
                return false;
            }
        });
        _proxy.BringUp();
        await process.WaitForExitAsync();

        Assert.Equal(1, process.ExitCode);
        Assert.Contains("Another broker has taken the database", await errors, StringComparison.Ordinal);
        Assert.Contains("The connection to the database", await output, StringComparison.Ordinal);
        await _broker.StartServerAsync();
    }

    private async Task<string> ReadyAsync()
    {
        using var client = _broker.Metrics;
        using var answer = await client.GetAsync(new Uri("/readyz", UriKind.Relative));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Equal(text.Contains("storage: ok", StringComparison.Ordinal), answer.StatusCode == HttpStatusCode.OK);
        return text;
    }

    private async Task<Issued> FetchAsync(string lease = "")
    {
        var update = (await _broker.Client().FetchAsync(Requests.Fetch(Requests.Secret("kv/shop/db", lease)))).Updates.Single();
        return update.Issued ?? throw new RpcException(new Status(StatusCode.Unknown, $"{update}"));
    }
}
