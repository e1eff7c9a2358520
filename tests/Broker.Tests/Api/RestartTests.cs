using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Broker.Tests.Storage;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Api;

public abstract class RestartTests(TestStore store) : IAsyncLifetime
{
    private RunningBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await RunningBroker.StartAsync(store: store);

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task Versions_leases_and_acknowledgements_are_there_again()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        var update = (await _broker.Client().FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single();
        await _broker.Client().AcknowledgeAsync(Requests.Applied(update));

        await _broker.RestartAsync();

        var lease = update.Issued.Lease.Id;
        using var watch = _broker.Client().Watch(new WatchRequest { Secrets = { Requests.Secret("kv/shop/db", lease, 1) } });
        var back = await watch.NextUpdateAsync();
        var holder = Assert.Single((await _broker.Admin.ListHoldersAsync(new ListHoldersRequest { Path = "kv/shop/db" })).Holders);
        Assert.Equal(lease, back.Confirmed.Lease.Id);
        Assert.Equal((lease, Acknowledgement.Types.Outcome.Applied), (holder.LeaseId, holder.Outcome));
        Assert.Equal(2UL, (await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "two")))).Version);
        Assert.Equal("two", (await watch.NextUpdateAsync()).Issued.Text());
    }

    [Fact]
    public async Task A_change_made_while_the_holder_was_away_reaches_it_when_it_comes_back()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        var first = (await _broker.Client().FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single().Issued;
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "two")));

        await _broker.RestartAsync();
        var request = Requests.Fetch(Requests.Secret("kv/shop/db", first.Lease.Id, 1));
        var back = (await _broker.Client().FetchAsync(request)).Updates.Single();

        Assert.Equal("two", back.Issued.Text());
        Assert.NotEqual(first.Lease.Id, back.Issued.Lease.Id);
    }

    [Fact]
    public async Task Another_key_file_is_refused_at_start()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        await _broker.StopAsync();
        var kek = _broker.File("kek");
        var right = await File.ReadAllBytesAsync(kek);
        File.Delete(kek);
        KeyFile.Create(kek);

        var failure = await Assert.ThrowsAsync<CannotStartException>(_broker.StartServerAsync);

        Assert.Contains("Put the right key file there", failure.Message, StringComparison.Ordinal);
        await File.WriteAllBytesAsync(kek, right);
        await _broker.StartServerAsync();
    }

    [Fact]
    public async Task No_value_is_in_any_file_that_the_broker_leaves()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "correct-horse-battery")));
        await _broker.Client().FetchAsync(Requests.Fetch("kv/shop/db"));
        await _broker.StopAsync();

        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(_broker.File("x"))!))
        {
            var bytes = await File.ReadAllBytesAsync(file);
            Assert.Equal(-1, bytes.AsSpan().IndexOf("correct-horse-battery"u8));
        }

        await _broker.StartServerAsync();
    }
}

public sealed class SqliteRestartTests() : RestartTests(new SqliteTestStore());

[Collection(nameof(PostgresFixture))]
public sealed class PostgresRestartTests(PostgresFixture server) : RestartTests(new PostgresTestStore(server));
