using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Broker.Tests.Storage;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Api;

public abstract class LeaseCallTests(TestStore store) : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private RunningBroker _broker = null!;
    private SecretBroker.SecretBrokerClient _client = null!;

    public async Task InitializeAsync()
    {
        _broker = await RunningBroker.StartAsync(_clock, store: store);
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        _client = _broker.Client(_broker.Issuer.Token(lifetime: TimeSpan.FromDays(10)));
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task A_lease_can_be_renewed_up_to_its_maximum_and_then_ends()
    {
        var lease = await LeaseAsync();

        for (var hour = 0; hour < 24; hour++)
        {
            _clock.Advance(TimeSpan.FromMinutes(59));
            lease = (await RenewAsync(lease.Id)).Lease;
        }

        // 23 h 36 min have passed, and times are stored in microseconds.
        Assert.Equal(24, lease.ExpiresIn.ToTimeSpan().TotalMinutes, tolerance: 0.001);
        Assert.Equal(lease.MaxExpiresIn, lease.ExpiresIn);
        _clock.Advance(TimeSpan.FromMinutes(25));
        Assert.NotNull((await RenewAsync(lease.Id)).Ended);
    }

    [Fact]
    public async Task An_expired_lease_is_over_even_before_anybody_has_cleared_it_away()
    {
        var lease = await LeaseAsync();

        _clock.Advance(TimeSpan.FromHours(1));

        Assert.NotNull((await RenewAsync(lease.Id)).Ended);
        Assert.NotEqual(lease.Id, (await LeaseAsync()).Id);
    }

    [Fact]
    public async Task A_lease_of_another_holder_behaves_as_an_unknown_one()
    {
        var lease = await LeaseAsync();
        var other = _broker.Client(_broker.Issuer.Token(pod: "orders-1", lifetime: TimeSpan.FromDays(10)));

        var renewal = await other.RenewAsync(new RenewRequest { LeaseIds = { lease.Id, "unknown" } });
        var acknowledged = await other.AcknowledgeAsync(Verdict(lease.Id, 1, Acknowledgement.Types.Outcome.Applied));
        await other.ReleaseAsync(new ReleaseRequest { LeaseIds = { lease.Id } });

        Assert.Equal(renewal.Renewals[1].Ended.Message, renewal.Renewals[0].Ended.Message);
        Assert.Equal([lease.Id], acknowledged.EndedLeaseIds);
        Assert.NotNull((await RenewAsync(lease.Id)).Lease);
        var holder = Assert.Single(await HoldersAsync());
        Assert.Equal(Acknowledgement.Types.Outcome.Unspecified, holder.Outcome);
    }

    [Fact]
    public async Task A_restarted_container_of_the_same_pod_is_the_same_holder()
    {
        var lease = await LeaseAsync();
        var again = _broker.Client(_broker.Issuer.Token(lifetime: TimeSpan.FromHours(2)));

        Assert.Equal(lease.Id, (await again.FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single().Issued.Lease.Id);
    }

    [Fact]
    public async Task A_released_lease_is_over_and_releasing_it_twice_is_fine()
    {
        var lease = await LeaseAsync();

        await _client.ReleaseAsync(new ReleaseRequest { LeaseIds = { lease.Id } });
        await _client.ReleaseAsync(new ReleaseRequest { LeaseIds = { lease.Id } });

        Assert.NotNull((await RenewAsync(lease.Id)).Ended);
        Assert.Empty(await HoldersAsync());
    }

    [Fact]
    public async Task Applying_a_newer_version_ends_the_holders_older_leases_and_rejecting_it_does_not()
    {
        var first = (await _client.FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single();
        await _client.AcknowledgeAsync(Requests.Applied(first));
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "two")));
        var second = (await _client.FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single();

        await _client.AcknowledgeAsync(Verdict(second.Issued.Lease.Id, 2, Acknowledgement.Types.Outcome.Rejected, "template failed"));
        var rejected = await HoldersAsync();
        await _client.AcknowledgeAsync(Requests.Applied(second));
        var applied = await HoldersAsync();

        Assert.Equal([1UL, 2UL], rejected.Select(holder => holder.Version));
        Assert.Equal("template failed", rejected[1].Reason);
        Assert.Equal(Acknowledgement.Types.Outcome.Rejected, rejected[1].Outcome);
        var holder = Assert.Single(applied);
        Assert.Equal(2UL, holder.Version);
        Assert.Equal(Acknowledgement.Types.Outcome.Applied, holder.Outcome);
        Assert.Equal("", holder.Reason);
        Assert.NotNull(holder.AcknowledgedAt);
    }

    [Fact]
    public async Task Acknowledging_another_version_than_the_leases_is_an_error()
    {
        var lease = await LeaseAsync();

        var failure = await Assert.ThrowsAsync<RpcException>(
            async () => await _client.AcknowledgeAsync(Verdict(lease.Id, 2, Acknowledgement.Types.Outcome.Applied)));

        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
    }

    [Fact]
    public async Task The_holders_list_says_who_and_where_and_whether_it_watches()
    {
        using var watch = _client.Watch(Requests.Watch("kv/shop/db"));
        await watch.NextUpdateAsync();
        await _broker.Client(_broker.Issuer.Token(pod: "orders-1", node: "node2")).FetchAsync(Requests.Fetch("kv/shop/db"));

        var holders = await HoldersAsync();

        Assert.Equal(["orders-0", "orders-1"], holders.Select(holder => holder.Workload.Pod));
        Assert.Equal(["node1", "node2"], holders.Select(holder => holder.Workload.Node));
        Assert.Equal([true, false], holders.Select(holder => holder.Connected));
        Assert.All(holders, holder => Assert.Equal("shop", holder.Workload.Namespace));
    }

    [Fact]
    public async Task Expired_leases_are_cleared_away_and_audited()
    {
        var lease = await LeaseAsync();

        await _clock.AdvanceUntilAsync(
            () => _broker.AuditLog.Split('\n').Any(line => line.Contains(lease.Id, StringComparison.Ordinal)
                && line.Contains("expire", StringComparison.Ordinal)),
            step: TimeSpan.FromSeconds(30));

        Assert.Empty(await HoldersAsync());
    }

    private async Task<Lease> LeaseAsync() => (await _client.FetchAsync(Requests.Fetch("kv/shop/db"))).Updates.Single().Issued.Lease;

    private async Task<Renewal> RenewAsync(string id) =>
        (await _client.RenewAsync(new RenewRequest { LeaseIds = { id } })).Renewals.Single();

    private async Task<IList<Holder>> HoldersAsync() =>
        (await _broker.Admin.ListHoldersAsync(new ListHoldersRequest { Path = "kv/shop/db" })).Holders;

    private static AcknowledgeRequest Verdict(
        string leaseId, ulong version, Acknowledgement.Types.Outcome outcome, string reason = "") => new()
        {
            Acknowledgements =
            {
                new Acknowledgement { LeaseId = leaseId, Version = version, Outcome = outcome, Reason = reason },
            },
        };
}

public sealed class SqliteLeaseCallTests() : LeaseCallTests(new SqliteTestStore());

[Collection(nameof(PostgresFixture))]
public sealed class PostgresLeaseCallTests(PostgresFixture server) : LeaseCallTests(new PostgresTestStore(server));
