using System.Globalization;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Broker.Tests.Storage;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Credentials;

/// <summary>Accounts that are to be dropped, and what operators see and do about it.</summary>
public abstract class RevocationTests(TestStore store) : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.Parse("2030-01-01T12:00:00Z", CultureInfo.InvariantCulture));
    private readonly FakeAccounts _accounts = FakeAccounts.Create();
    private RunningBroker _broker = null!;

    public async Task InitializeAsync() =>
        _broker = await DynamicBroker.StartAsync(_accounts, _clock, more: "leases: { giveUpAfter: 1h }", store: store);

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task An_account_that_cannot_be_dropped_is_tried_until_it_can()
    {
        var issued = (await _broker.FetchOneAsync()).Issued;
        _accounts.Failure = () => new AccountServerUnreachableException("connection refused");
        await ReleaseAsync(issued);
        await ProblemAsync(LeaseState.Revoking);

        _accounts.Failure = null;
        await _clock.AdvanceUntilAsync(() => _accounts.All.Count == 0, TimeSpan.FromSeconds(1));

        Assert.Contains("sidecar_broker_revocations_total{result=\"failed\"}", await ScrapeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_of_one_server_that_fails_as_nobody_foresaw_fails_its_own_secrets_alone()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        var issued = (await _broker.FetchOneAsync()).Issued;
        _accounts.Failure = () => new InvalidOperationException("of some library");
        await ReleaseAsync(issued);

        var stuck = await ProblemAsync(LeaseState.Revoking);
        var both = (await _broker.Client().FetchAsync(Requests.Fetch("kv/shop/db", DynamicBroker.Path))).Updates;
        _accounts.Failure = null;
        await _clock.AdvanceUntilAsync(() => _accounts.All.Count == 0, TimeSpan.FromSeconds(1));

        Assert.Equal("its client failed in a way that nobody foresaw; the broker's log says more", stuck.Problem);
        Assert.Equal("one", both[0].Issued.Text());
        Assert.NotNull(both[1].Failed);
    }

    [Fact]
    public async Task One_that_cannot_be_dropped_for_long_is_irrevocable_listed_counted_and_goes_on_an_operators_word()
    {
        var issued = (await _broker.FetchOneAsync()).Issued;
        _accounts.Failure = () => new AccountServerRefusedException("it owns a table");
        await ReleaseAsync(issued);
        var stuck = await ProblemAsync(LeaseState.Irrevocable);
        await ScrapedAsync("sidecar_broker_irrevocable_leases{} 1");
        var metrics = await ScrapeAsync();

        _accounts.Failure = null;
        var revoked = await _broker.Admin.RevokeLeasesAsync(new RevokeLeasesRequest { LeaseId = issued.Lease.Id });
        await Waiting.UntilAsync(() => _accounts.All.Count == 0);
        await ScrapedAsync("sidecar_broker_irrevocable_leases{} 0");

        Assert.Equal((issued.Lease.Id, issued.User().Value, "it owns a table"), (stuck.Id, stuck.Account, stuck.Problem));
        Assert.Equal("orders-0", stuck.Workload.Pod);
        Assert.True(stuck.Attempts > 3);
        Assert.Equal((0u, 1u), (revoked.LeasesEnded, revoked.AccountsRetried));
        Assert.Contains("sidecar_broker_revocations_total{result=\"irrevocable\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("cannot be dropped: it owns a table", _broker.AuditLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accounts_of_a_mount_that_is_no_longer_configured_are_not_forgotten()
    {
        var issued = (await _broker.FetchOneAsync()).Issued;
        await _broker.StopAsync();
        await BrokerTables.ChangeAsync(_broker, "UPDATE credential SET mount = 'gone'");
        await _broker.StartServerAsync();
        await ReleaseAsync(issued);

        var stuck = await ProblemAsync(LeaseState.Irrevocable);

        Assert.Contains("gone", stuck.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leases_are_listed_by_whom_and_what_they_are_for_page_by_page()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        await _broker.FetchOneAsync(path: "kv/shop/db");
        await _broker.FetchOneAsync();
        await _broker.FetchOneAsync(_broker.Issuer.Token(pod: "orders-1", node: "node2"));
        await _broker.FetchOneAsync(_broker.Issuer.Token(serviceAccount: "billing", pod: "billing-0"));

        Assert.Equal(4, (await ListAsync(new ListLeasesRequest())).Count);
        Assert.Equal(3, (await ListAsync(new ListLeasesRequest { Prefix = "database/" })).Count);
        Assert.Equal("orders-1", Assert.Single(await ListAsync(new ListLeasesRequest { Node = "node2" })).Workload.Pod);
        Assert.Equal(3, (await ListAsync(new ListLeasesRequest { Namespace = "shop", ServiceAccount = "orders" })).Count);
        Assert.Empty(await ListAsync(new ListLeasesRequest { Namespace = "other" }));
        Assert.Empty(await ListAsync(new ListLeasesRequest { State = LeaseState.Irrevocable }));
        Assert.Equal("", Assert.Single(await ListAsync(new ListLeasesRequest { Prefix = "kv/" })).Account);

        var first = await _broker.Admin.ListLeasesAsync(new ListLeasesRequest { PageSize = 3 });
        var second = await _broker.Admin.ListLeasesAsync(new ListLeasesRequest { PageSize = 3, PageToken = first.NextPageToken });
        Assert.Equal((3, 1, ""), (first.Leases.Count, second.Leases.Count, second.NextPageToken));
    }

    [Fact]
    public async Task Revoking_by_prefix_replaces_the_accounts_of_those_that_watch()
    {
        using var watch = _broker.Client().Watch(Requests.Watch(DynamicBroker.Path));
        var first = (await watch.NextUpdateAsync()).Issued;
        await _broker.FetchOneAsync(_broker.Issuer.Token(pod: "orders-1"));

        var revoked = await _broker.Admin.RevokeLeasesAsync(new RevokeLeasesRequest { Prefix = "database/creds/orders" });
        var second = (await watch.NextUpdateAsync()).Issued;
        await Waiting.UntilAsync(() => _accounts.All.Count == 1);

        Assert.Equal((2u, 0u), (revoked.LeasesEnded, revoked.AccountsRetried));
        Assert.NotEqual(first.User(), second.User());
        Assert.Equal([second.User().Value], _accounts.All.Keys);
    }

    [Fact]
    public async Task A_lease_that_never_was_is_not_found()
    {
        var failure = await Assert.ThrowsAsync<RpcException>(
            async () => await _broker.Admin.RevokeLeasesAsync(new RevokeLeasesRequest { LeaseId = "0123" }));

        Assert.Equal((StatusCode.NotFound, "LEASE_NOT_FOUND"), (failure.StatusCode, failure.Reason()));
    }

    [Fact]
    public async Task Every_mount_counts_its_leases_from_nothing()
    {
        await ScrapedAsync("sidecar_broker_leases{mount=\"kv\"} 0");

        Assert.Contains("sidecar_broker_leases{mount=\"database\"} 0", await ScrapeAsync(), StringComparison.Ordinal);
    }

    private async Task<LeaseSummary> ProblemAsync(LeaseState state)
    {
        LeaseSummary? found = null;
        await Waiting.UntilAsync(async () =>
        {
            found = (await ListAsync(new ListLeasesRequest { State = state })).SingleOrDefault(lease => lease.Attempts > 0);
            if (found is null)
                _clock.Advance(TimeSpan.FromSeconds(20));
            return found is not null;
        });
        return found!;
    }

    private async Task<IReadOnlyList<LeaseSummary>> ListAsync(ListLeasesRequest request) =>
        (await _broker.Admin.ListLeasesAsync(request)).Leases;

    private async Task ReleaseAsync(Issued issued) => await _broker.Client(_broker.Issuer.Token(lifetime: TimeSpan.FromDays(10)))
        .ReleaseAsync(new ReleaseRequest { LeaseIds = { issued.Lease.Id } });

    private Task<string> ScrapeAsync() => _broker.Metrics.GetStringAsync(new Uri("/metrics", UriKind.Relative));

    private Task ScrapedAsync(string line) => Waiting.UntilAsync(async () =>
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        return (await ScrapeAsync()).Contains(line, StringComparison.Ordinal);
    });
}

public sealed class SqliteRevocationTests() : RevocationTests(new SqliteTestStore());

[Collection(nameof(PostgresFixture))]
public sealed class PostgresRevocationTests(PostgresFixture server) : RevocationTests(new PostgresTestStore(server));
