using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Broker.Tests.Storage;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Credentials;

/// <summary>From a wish to an account and its values.</summary>
public abstract class DynamicFlowTests(TestStore store) : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.Parse("2030-01-01T12:00:00Z", null));
    private readonly FakeAccounts _accounts = FakeAccounts.Create();
    private RunningBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await DynamicBroker.StartAsync(_accounts, _clock, store: store);

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task Asked_twice_at_once_by_one_pod_it_makes_one_account()
    {
        var hold = new TaskCompletionSource();
        _accounts.Hold = hold.Task;
        var asking = Enumerable.Range(0, 8).Select(_ => _broker.FetchOneAsync()).ToList();
        await Until(() => _accounts.Calls > 0);
        hold.SetResult();

        var users = (await Task.WhenAll(asking)).Select(update => update.Issued.User()).Distinct();

        Assert.Single(users);
        Assert.Single(_accounts.All);
    }

    [Fact]
    public async Task A_caller_that_hangs_up_finds_the_account_when_it_comes_back()
    {
        var hold = new TaskCompletionSource();
        _accounts.Hold = hold.Task;
        using var hungUp = new CancellationTokenSource();
        var first = _broker.Client().FetchAsync(Requests.Fetch(DynamicBroker.Path), cancellationToken: hungUp.Token).ResponseAsync;
        await Until(() => _accounts.Calls > 0);
        await hungUp.CancelAsync();
        await Assert.ThrowsAsync<RpcException>(() => first);
        hold.SetResult();

        var issued = (await _broker.FetchOneAsync()).Issued;

        Assert.Equal([issued.User().Value], _accounts.All.Keys);
        Assert.Equal(_accounts.All[issued.User().Value].Password, issued.Text());
    }

    [Fact]
    public async Task What_is_explained_is_the_time_that_a_lease_would_get()
    {
        var explained = await _broker.Admin.ExplainPolicyAsync(new ExplainPolicyRequest
        {
            Workload = new WorkloadIdentity { Namespace = "shop", ServiceAccount = "orders" },
            Path = DynamicBroker.Path,
        });

        Assert.Equal(
            (TimeSpan.FromMinutes(30), TimeSpan.FromHours(3)), (explained.Ttl.ToTimeSpan(), explained.MaxTtl.ToTimeSpan()));
    }

    [Fact]
    public async Task The_shorter_time_of_role_and_grant_holds()
    {
        var orders = (await _broker.FetchOneAsync()).Issued.Lease;
        var other = (await _broker.FetchOneAsync(path: "database/creds/other")).Issued.Lease;

        Assert.Equal((TimeSpan.FromMinutes(30), TimeSpan.FromHours(3)), (orders.ExpiresIn.ToTimeSpan(), orders.MaxExpiresIn.ToTimeSpan()));
        Assert.Equal((TimeSpan.FromHours(1), TimeSpan.FromHours(24)), (other.ExpiresIn.ToTimeSpan(), other.MaxExpiresIn.ToTimeSpan()));
    }

    [Fact]
    public async Task A_server_that_is_away_fails_its_own_secret_alone_and_is_left_alone_for_a_while()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        _accounts.Failure = () => new AccountServerUnreachableException("connection refused");

        var both = (await _broker.Client().FetchAsync(Requests.Fetch(DynamicBroker.Path, "kv/shop/db"))).Updates;
        var calls = _accounts.Calls;
        var again = await _broker.FetchOneAsync();

        Assert.Equal("one", both[1].Issued.Text());
        Assert.True(both[0].Failed.RetryAfter.ToTimeSpan() >= TimeSpan.FromSeconds(1));
        Assert.DoesNotContain("refused", both[0].Failed.Message, StringComparison.Ordinal);
        Assert.NotNull(again.Failed);
        Assert.Equal(calls, _accounts.Calls);
    }

    [Fact]
    public async Task A_server_that_was_away_is_asked_whether_it_is_back_before_anything_is_written_down()
    {
        _accounts.Failure = () => new AccountServerUnreachableException("connection refused");
        await _broker.FetchOneAsync();
        var written = await CountAsync("credential");
        for (var i = 0; i < 5; i++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            Assert.NotNull((await _broker.FetchOneAsync()).Failed);
        }

        Assert.Equal((1L, 1L), (written, await CountAsync("credential")));

        _accounts.Failure = null;
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull((await _broker.FetchOneAsync()).Issued);
    }

    [Fact]
    public async Task A_watch_gets_the_account_when_the_server_is_back()
    {
        _accounts.Failure = () => new AccountServerUnreachableException("connection refused");
        using var watch = _broker.Client().Watch(Requests.Watch(DynamicBroker.Path));
        Assert.NotNull((await watch.NextUpdateAsync()).Failed);

        _accounts.Failure = null;
        var next = watch.NextUpdateAsync();
        await _clock.AdvanceUntilAsync(() => next.IsCompleted);

        Assert.NotNull((await next).Issued);
    }

    [Fact]
    public async Task What_people_put_does_not_belong_below_a_mount_that_makes_its_secrets()
    {
        var put = await Assert.ThrowsAsync<RpcException>(async () => await _broker.Admin.PutSecretAsync(Requests.Put(DynamicBroker.Path, ("a", "b"))));
        var rotate = await Assert.ThrowsAsync<RpcException>(async () => await _broker.Admin.RotateSecretAsync(new RotateSecretRequest { Path = DynamicBroker.Path }));

        Assert.Equal("REQUEST_INVALID", put.Reason());
        Assert.Contains("stored below kv", put.Status.Detail, StringComparison.Ordinal);
        Assert.Equal("NOTHING_TO_ROTATE", rotate.Reason());
    }

    [Fact]
    public async Task A_role_that_is_not_configured_is_not_found_and_the_others_are_named()
    {
        var denied = (await _broker.FetchOneAsync(path: "database/creds/ordres")).Denied;

        Assert.Equal(Denied.Types.Reason.NotFound, denied.Reason);
        Assert.Contains("database/creds/orders", denied.Message, StringComparison.Ordinal);
        Assert.Empty(_accounts.All);
    }

    [Fact]
    public async Task A_field_that_the_account_does_not_have_is_denied_before_anything_is_made()
    {
        var wish = Requests.Secret(DynamicBroker.Path);
        wish.Fields.Add("user");

        var update = (await _broker.Client().FetchAsync(Requests.Fetch(wish))).Updates.Single();

        Assert.Equal(Denied.Types.Reason.FieldNotFound, update.Denied.Reason);
        Assert.Empty(_accounts.All);
    }

    [Fact]
    public async Task The_audit_log_names_the_account_before_it_is_made_and_its_lease_and_holds_no_password()
    {
        var issued = (await _broker.FetchOneAsync()).Issued;

        var log = _broker.AuditLog;
        var made = log.IndexOf("\"action\":\"make\"", StringComparison.Ordinal);
        Assert.InRange(made, 0, log.IndexOf("\"action\":\"issue\"", StringComparison.Ordinal));
        Assert.Contains(issued.User().Value, log, StringComparison.Ordinal);
        Assert.DoesNotContain(issued.Text(), log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_made_that_no_policy_grants()
    {
        var stranger = _broker.Issuer.Token(namespaceName: "other", pod: "x");

        Assert.Equal(Denied.Types.Reason.NoGrant, (await _broker.FetchOneAsync(stranger)).Denied.Reason);
        Assert.Equal(0, _accounts.Calls);
    }

    [Fact]
    public async Task An_account_that_was_just_made_is_given_and_given_again_without_another_write_of_its_lease()
    {
        await BrokerTables.ChangeAsync(_broker, RefuseUpdatesOfLeases);

        var first = (await _broker.FetchOneAsync()).Issued;
        var again = (await _broker.FetchOneAsync()).Issued;

        Assert.Equal((first.Lease.Id, first.Text()), (again.Lease.Id, again.Text()));
        _clock.Advance(TimeSpan.FromMinutes(15));
        await Assert.ThrowsAsync<RpcException>(() => _broker.FetchOneAsync());
    }

    /// <summary>SQL that makes every change of a lease fail from then on; leases can begin.</summary>
    protected abstract string RefuseUpdatesOfLeases { get; }

    private Task<long> CountAsync(string table) => BrokerTables.CountAsync(_broker, table);

    private static Task Until(Func<bool> done) => Waiting.UntilAsync(done);
}

public sealed class SqliteDynamicFlowTests() : DynamicFlowTests(new SqliteTestStore())
{
    protected override string RefuseUpdatesOfLeases =>
        "CREATE TRIGGER still BEFORE UPDATE ON lease BEGIN SELECT RAISE(ABORT, 'refused'); END";
}

[Collection(nameof(PostgresFixture))]
public sealed class PostgresDynamicFlowTests(PostgresFixture server) : DynamicFlowTests(new PostgresTestStore(server))
{
    protected override string RefuseUpdatesOfLeases =>
        """
        CREATE FUNCTION still() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''refused''; END';
        CREATE TRIGGER still BEFORE UPDATE ON lease FOR EACH ROW EXECUTE FUNCTION still()
        """;
}
