using System.Globalization;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Credentials;

/// <summary>How much of the broker one pod gets.</summary>
public sealed class LimitTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.Parse("2030-01-01T12:00:00Z", CultureInfo.InvariantCulture));
    private readonly FakeAccounts _accounts = FakeAccounts.Create();
    private RunningBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await DynamicBroker.StartAsync(
        _accounts, _clock, more: "limits: { callsPerSecond: 2, burst: 5, watches: 2, dynamicLeases: 1 }");

    public Task DisposeAsync() => _broker.DisposeAsync().AsTask();

    [Fact]
    public async Task A_pod_that_calls_too_often_is_told_how_long_to_wait_and_others_are_not()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        for (var i = 0; i < 5; i++)
            await _broker.FetchOneAsync(path: "kv/shop/db");
        var failure = await Assert.ThrowsAsync<RpcException>(() => _broker.FetchOneAsync(path: "kv/shop/db"));

        Assert.Equal((StatusCode.ResourceExhausted, "TOO_MANY_REQUESTS"), (failure.StatusCode, failure.Reason()));
        Assert.Equal(TimeSpan.FromMilliseconds(500), failure.RetryDelay());
        Assert.NotNull((await _broker.FetchOneAsync(_broker.Issuer.Token(pod: "orders-1"), "kv/shop/db")).Issued);

        _clock.Advance(failure.RetryDelay()!.Value);
        Assert.NotNull((await _broker.FetchOneAsync(path: "kv/shop/db")).Issued);
    }

    [Fact]
    public async Task Each_secret_that_a_call_asks_for_counts_so_that_nobody_fills_the_audit_log_with_a_few_calls()
    {
        var many = new FetchRequest { Secrets = { Enumerable.Range(0, 128).Select(i => Requests.Secret($"kv/none/{i}")) } };

        Assert.All((await _broker.Client().FetchAsync(many)).Updates, update => Assert.NotNull(update.Denied));
        var failure = await Assert.ThrowsAsync<RpcException>(() => _broker.Client().FetchAsync(many).ResponseAsync);

        // Owed: 128 less the burst of 5, and one more; at two a second.
        Assert.Equal(("TOO_MANY_REQUESTS", TimeSpan.FromSeconds(62)), (failure.Reason(), failure.RetryDelay()));
        _clock.Advance(TimeSpan.FromSeconds(62));
        Assert.Single((await _broker.Client().FetchAsync(Requests.Fetch("kv/shop/db"))).Updates);
        Assert.Equal(128, _broker.AuditLog.Split('\n').Count(line => line.Contains("\"issue\"", StringComparison.Ordinal) && line.Contains("kv/none/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Each_lease_that_is_renewed_acknowledged_or_released_counts()
    {
        var ids = Enumerable.Range(0, 6).Select(i => $"lease-{i}").ToList();
        var client = _broker.Client();

        await client.RenewAsync(new RenewRequest { LeaseIds = { ids } });
        Assert.Equal(TimeSpan.FromSeconds(1), (await Assert.ThrowsAsync<RpcException>(
            () => client.ReleaseAsync(new ReleaseRequest { LeaseIds = { ids } }).ResponseAsync)).RetryDelay());
        _clock.Advance(TimeSpan.FromSeconds(1));
        await client.ReleaseAsync(new ReleaseRequest { LeaseIds = { ids } });
        Assert.Equal("TOO_MANY_REQUESTS", (await Assert.ThrowsAsync<RpcException>(
            () => client.AcknowledgeAsync(new AcknowledgeRequest()).ResponseAsync)).Reason());
    }

    [Fact]
    public async Task A_pod_has_only_so_many_watches_open()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        using var one = _broker.Client().Watch(Requests.Watch("kv/shop/db"));
        using var two = _broker.Client().Watch(Requests.Watch("kv/shop/db"));
        await one.NextUpdateAsync();
        await two.NextUpdateAsync();
        using var three = _broker.Client().Watch(Requests.Watch("kv/shop/db"));

        var failure = await Assert.ThrowsAsync<RpcException>(three.NextUpdateAsync);

        Assert.Equal("TOO_MANY_REQUESTS", failure.Reason());
        Assert.True(failure.RetryDelay() > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_pod_has_only_so_many_accounts_and_gets_another_when_one_is_gone()
    {
        var first = (await _broker.FetchOneAsync()).Issued;
        var refused = (await _broker.FetchOneAsync(path: "database/creds/other")).Failed;
        await _broker.Client().ReleaseAsync(new ReleaseRequest { LeaseIds = { first.Lease.Id } });
        await _clock.AdvanceUntilAsync(() => BrokerTables.CountAsync(_broker, "credential").GetAwaiter().GetResult() == 0);

        Assert.Contains("1 accounts", refused.Message, StringComparison.Ordinal);
        Assert.NotNull((await _broker.FetchOneAsync(path: "database/creds/other")).Issued);
    }
}
