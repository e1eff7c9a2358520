using Grpc.Core;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Broker.Tests.Storage;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests;

/// <summary>What signals do to a broker in a process of its own, and what it finds when it starts again.</summary>
public abstract class CrashTests(TestStore store) : IAsyncLifetime
{
    private RunningBroker _broker = null!;

    public async Task InitializeAsync()
    {
        _broker = await RunningBroker.StartAsync(store: store);
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        await _broker.StopAsync();
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task After_a_kill_the_same_lease_goes_on_and_nothing_acknowledged_is_lost()
    {
        string lease;
        using (var killed = BrokerProcess.Start("run", "--config", _broker.File("broker.yaml")))
        {
            _broker.Address = await killed.ServingAsync();
            using var watch = _broker.Client().Watch(Requests.Watch("kv/shop/db"));
            var first = await watch.NextUpdateAsync();
            lease = first.Issued.Lease.Id;
            await _broker.Client().AcknowledgeAsync(Requests.Applied(first));
            var rotated = Requests.Put("kv/shop/db", ("password", "two"));
            rotated.Inactive = true;
            Assert.Equal(2UL, (await _broker.Admin.PutSecretAsync(rotated)).Version);
            await killed.SignalAsync("KILL");
            await killed.WaitForExitAsync();
        }

        // The socket file, the locks and the write-ahead log are still there.
        await _broker.StartServerAsync();
        using var again = _broker.Client().Watch(new WatchRequest { Secrets = { Requests.Secret("kv/shop/db", lease, 1) } });
        var back = await again.NextUpdateAsync();
        var holder = Assert.Single((await _broker.Admin.ListHoldersAsync(new ListHoldersRequest { Path = "kv/shop/db" })).Holders);
        await _broker.Admin.ActivateVersionAsync(new ActivateVersionRequest { Path = "kv/shop/db", Version = 2 });

        Assert.Equal(lease, back.Confirmed.Lease.Id);
        Assert.Equal(Acknowledgement.Types.Outcome.Applied, holder.Outcome);
        Assert.Equal("two", (await again.NextUpdateAsync()).Issued.Text());
    }

    [Fact]
    public async Task At_SIGTERM_streams_are_told_and_the_exit_code_is_0()
    {
        using var process = BrokerProcess.Start("run", "--config", _broker.File("broker.yaml"));
        _broker.Address = await process.ServingAsync();
        using var watch = _broker.Client().Watch(Requests.Watch("kv/shop/db"));
        await watch.NextUpdateAsync();

        await process.SignalAsync("TERM");
        var failure = await Assert.ThrowsAsync<RpcException>(watch.NextAsync);
        await process.WaitForExitAsync();

        Assert.Equal((StatusCode.Unavailable, "STOPPING"), (failure.StatusCode, failure.Reason()));
        Assert.Equal(0, process.ExitCode);
        Assert.Equal("", await process.StandardError.ReadToEndAsync());
        await _broker.StartServerAsync();
    }

    [Fact]
    public async Task A_second_broker_over_the_same_files_fails_with_one_line()
    {
        await _broker.StartServerAsync();
        using var second = BrokerProcess.Start("run", "--config", _broker.File("broker.yaml"));

        var errors = await second.StandardError.ReadToEndAsync();
        await second.WaitForExitAsync();

        Assert.Equal(1, second.ExitCode);
        Assert.Equal(1, errors.Count(c => c == '\n'));
        Assert.Contains("another broker", errors, StringComparison.Ordinal);
    }
}

public sealed class SqliteCrashTests() : CrashTests(new SqliteTestStore());

[Collection(nameof(PostgresFixture))]
public sealed class PostgresCrashTests(PostgresFixture server) : CrashTests(new PostgresTestStore(server));
