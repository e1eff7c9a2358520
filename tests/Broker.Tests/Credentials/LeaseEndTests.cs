using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Broker.Tests.Storage;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Credentials;

/// <summary>What becomes of an account when its lease is renewed, wears out, or ends.</summary>
public abstract class LeaseEndTests(TestStore store) : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.Parse("2030-01-01T12:00:00Z", CultureInfo.InvariantCulture));
    private readonly FakeAccounts _accounts = FakeAccounts.Create();
    private RunningBroker _broker = null!;
    private string _token = null!;

    public async Task InitializeAsync()
    {
        _broker = await DynamicBroker.StartAsync(_accounts, _clock, store: store);
        _token = _broker.Issuer.Token(lifetime: TimeSpan.FromDays(10));
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task The_server_is_told_of_a_renewal_before_the_holder_is()
    {
        var issued = await IssueAsync();
        Assert.Equal(_clock.GetUtcNow().AddMinutes(35), ValidUntil(issued));

        _clock.Advance(TimeSpan.FromMinutes(20));
        var renewed = await RenewAsync(issued);

        Assert.Equal(TimeSpan.FromMinutes(30), renewed.ExpiresIn.ToTimeSpan());
        Assert.Equal(_clock.GetUtcNow().AddMinutes(35), ValidUntil(issued));
    }

    [Fact]
    public async Task While_the_server_is_away_no_more_is_promised_than_it_keeps()
    {
        var issued = await IssueAsync();
        _accounts.Failure = () => new AccountServerUnreachableException("connection refused");

        _clock.Advance(TimeSpan.FromMinutes(20));
        var renewed = await RenewAsync(issued);

        // 10 of the first 30 minutes are left, and the server's margin less one minute.
        Assert.Equal(TimeSpan.FromMinutes(14), renewed.ExpiresIn.ToTimeSpan());
        Assert.True(_clock.GetUtcNow() + renewed.ExpiresIn.ToTimeSpan() < ValidUntil(issued));
    }

    [Fact]
    public async Task A_lease_that_expires_leaves_neither_account_nor_values()
    {
        var issued = await IssueAsync();
        var kept = await IssueAsync("orders-1");

        _clock.Advance(TimeSpan.FromMinutes(29));
        await RenewAsync(kept, "orders-1");
        await _clock.AdvanceUntilAsync(() => _accounts.All.Count == 1);
        await Waiting.UntilAsync(async () => await BrokerTables.CountAsync(_broker, "credential") == 1);

        Assert.Equal([kept.User().Value], _accounts.All.Keys);
        Assert.Equal(1, await BrokerTables.CountAsync(_broker, "secret_version"));
        Assert.Equal(5 - 1, await BrokerTables.CountAsync(_broker, "secret_field"));
        Assert.NotEqual(issued.User(), (await IssueAsync()).User());
    }

    [Fact]
    public async Task A_worn_out_lease_is_replaced_with_overlap_and_ends_when_the_new_one_is_applied()
    {
        using var watch = _broker.Client(_token).Watch(Requests.Watch(DynamicBroker.Path));
        var first = (await watch.NextUpdateAsync()).Issued;
        await KeepAsync(first, TimeSpan.FromHours(2));

        var second = (await watch.NextUpdateAsync()).Issued;
        var both = _accounts.All.Keys.Order().ToList();
        await _broker.Client(_token).AcknowledgeAsync(new AcknowledgeRequest
        {
            Acknowledgements =
            {
                new Acknowledgement { LeaseId = second.Lease.Id, Version = second.Version, Outcome = Acknowledgement.Types.Outcome.Applied },
            },
        });
        await Waiting.UntilAsync(() => _accounts.All.Count == 1);

        Assert.Equal(new[] { first.User().Value, second.User().Value }.Order(), both);
        Assert.Equal([second.User().Value], _accounts.All.Keys);
        Assert.True(second.Version > first.Version);
    }

    [Fact]
    public async Task A_holder_that_has_lost_its_values_gets_the_worn_out_ones_while_no_new_ones_can_be_made()
    {
        var first = await IssueAsync();
        await KeepAsync(first, TimeSpan.FromHours(2) + TimeSpan.FromMinutes(1));
        _accounts.Failure = () => new AccountServerUnreachableException("connection refused");

        var again = await _broker.FetchOneAsync(_token);
        var claimed = await _broker.Client(_token).FetchAsync(Requests.Fetch(Requests.Secret(DynamicBroker.Path, first.Lease.Id, first.Version)));

        Assert.Equal((first.User(), first.Text()), (again.Issued.User(), again.Issued.Text()));
        Assert.NotNull(claimed.Updates.Single().Failed);
    }

    [Fact]
    public async Task A_policy_that_is_taken_away_takes_the_account_away()
    {
        using var watch = _broker.Client(_token).Watch(Requests.Watch(DynamicBroker.Path));
        Assert.NotNull((await watch.NextUpdateAsync()).Issued);

        _broker.WritePolicies(RunningBroker.DefaultPolicies);
        var next = watch.NextUpdateAsync();
        await _clock.AdvanceUntilAsync(() => next.IsCompleted);
        await Waiting.UntilAsync(() => _accounts.All.Count == 0);

        Assert.NotNull((await next).Revoked);
    }

    [Fact]
    public async Task What_a_broker_was_making_when_it_ended_is_dropped_by_the_next()
    {
        await IssueAsync();
        await _broker.StopAsync();
        await BrokerTables.ChangeAsync(_broker, "DELETE FROM lease; UPDATE credential SET state = 1");

        await _broker.StartServerAsync();
        await _clock.AdvanceUntilAsync(() => _accounts.Dropped > 1);
        await Waiting.UntilAsync(async () => await BrokerTables.CountAsync(_broker, "credential") == 0);

        // Once at once, and once more when a call that was under way can no longer take effect.
        Assert.Empty(_accounts.All);
        Assert.Equal(2, _accounts.Dropped);
    }

    private async Task KeepAsync(Issued issued, TimeSpan time)
    {
        for (var left = time; left > TimeSpan.Zero; left -= TimeSpan.FromMinutes(15))
        {
            _clock.Advance(left < TimeSpan.FromMinutes(15) ? left : TimeSpan.FromMinutes(15));
            await RenewAsync(issued);
        }
    }

    private async Task<Issued> IssueAsync(string pod = "orders-0") =>
        (await _broker.FetchOneAsync(_broker.Issuer.Token(pod: pod, lifetime: TimeSpan.FromDays(10)))).Issued;

    private async Task<Lease> RenewAsync(Issued issued, string pod = "orders-0")
    {
        var client = _broker.Client(_broker.Issuer.Token(pod: pod, lifetime: TimeSpan.FromDays(10)));
        return (await client.RenewAsync(new RenewRequest { LeaseIds = { issued.Lease.Id } })).Renewals.Single().Lease;
    }

    private DateTimeOffset ValidUntil(Issued issued) => _accounts.All[issued.User().Value].ValidUntil;
}

public sealed class SqliteLeaseEndTests() : LeaseEndTests(new SqliteTestStore());

[Collection(nameof(PostgresFixture))]
public sealed class PostgresLeaseEndTests(PostgresFixture server) : LeaseEndTests(new PostgresTestStore(server));
