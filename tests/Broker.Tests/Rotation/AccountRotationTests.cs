using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.V1;

using State = SidecarAgent.V1.Rotation.Types.State;

namespace SidecarAgent.Broker.Tests.Rotation;

/// <summary>Two accounts that take turns, on a server in memory.</summary>
public sealed partial class AccountRotationTests : IAsyncLifetime
{
    internal const string Path = "database/static/orders";

    internal const string Policies =
        """
        policies:
          - name: orders
            subjects: [ { namespace: shop, serviceAccount: orders } ]
            grants:
              - { paths: [ database/static/* ], ttl: 10m, maxTtl: 240h }
        """;

    internal const string Configuration =
        """
        mounts:
          - { path: kv, engine: kv }
          - path: database
            engine: postgres
            connection: { host: db.shop, database: orders, user: broker, passwordFile: password }
            roles: [ { name: orders, rotate: [ orders_a, orders_b ], every: 24h, grace: 30s } ]
        rotation: { deadline: 5m }
        """;

    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private TurnTakingServer _server = null!;
    private RunningBroker _broker = null!;
    private BrokerAdmin.BrokerAdminClient _admin = null!;

    public async Task InitializeAsync()
    {
        _server = TurnTakingServer.Create();
        _broker = await RunningBroker.StartAsync(_clock, Policies, configuration: Configuration, connect: _ => _server);
        _admin = _broker.Admin;
        await UntilAsync(rotation => rotation is { State: State.Done, ToVersion: 1 });
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task The_first_version_is_made_by_itself_and_lets_its_holder_in()
    {
        var issued = (await _broker.Client().FetchAsync(Requests.Fetch(Path))).Updates.Single().Issued;

        Assert.Equal("orders_a", issued.Text("username"));
        Assert.Equal(("db.shop", "5432"), (issued.Text("host"), issued.Text("port")));
        Assert.True(LetsIn(issued));
        Assert.Empty(_server.Ended);
    }

    [Fact]
    public async Task Both_accounts_work_until_all_have_acknowledged_and_the_grace_is_over()
    {
        var holder = await HolderAsync("orders-0");
        var old = holder.Last.Issued;

        await RotateAsync();
        var update = await holder.NextAsync();
        Assert.Equal("orders_b", update.Issued.Text("username"));
        Assert.True(LetsIn(old) && LetsIn(update.Issued));
        await holder.AcknowledgeAsync(update);
        await UntilAsync(rotation => rotation.Behind == 0);
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.True(LetsIn(old));
        var done = await UntilAsync(rotation => rotation.EndedAt is not null);

        Assert.Equal((State.Done, 0U), (done.State, done.LeftBehind));
        Assert.False(LetsIn(old));
        Assert.True(LetsIn(update.Issued));
        Assert.Equal(["orders_a"], _server.Ended);
    }

    [Fact]
    public async Task At_the_deadline_the_old_account_is_revoked_and_leases_on_it_have_ended()
    {
        var holder = await HolderAsync("orders-0");
        await RotateAsync();
        var update = await holder.NextAsync();

        var done = await UntilAsync(rotation => rotation.EndedAt is not null, TimeSpan.FromSeconds(20));

        Assert.Equal((State.Done, 1U), (done.State, done.LeftBehind));
        Assert.False(LetsIn(holder.First.Issued));
        var left = Assert.Single((await _admin.ListHoldersAsync(new ListHoldersRequest { Path = Path })).Holders);
        Assert.Equal(update.Issued.Version, left.Version);
    }

    [Fact]
    public async Task What_is_tainted_is_revoked_before_its_successor_is_served()
    {
        var holder = await HolderAsync("orders-0");

        await _admin.TaintSecretAsync(new TaintSecretRequest { Path = Path });
        var update = await holder.NextAsync();

        Assert.False(LetsIn(holder.First.Issued));
        Assert.True(LetsIn(update.Issued));
        Assert.Equal(["orders_a"], _server.Ended);
    }

    [Fact]
    public async Task What_is_tainted_is_revoked_even_when_no_successor_can_be_made()
    {
        var holder = await HolderAsync("orders-0");
        _server.Failure = (_, name) => name.Value == "orders_b" ? new AccountServerRefusedException("no orders_b here") : null;

        var tainted = await _admin.TaintSecretAsync(new TaintSecretRequest { Path = Path });
        await _clock.AdvanceUntilAsync(() => !_server.Ended.IsEmpty);
        _server.Failure = (_, _) => null;
        var next = holder.NextAsync();
        await _clock.AdvanceUntilAsync(() => next.IsCompleted);

        Assert.Equal((State.Preparing, "no orders_b here"), (tainted.Rotation.State, tainted.Rotation.Reason));
        Assert.False(LetsIn(holder.First.Issued));
        Assert.True(LetsIn((await next).Issued));
    }

    [Fact]
    public async Task Tainting_within_an_overlap_ends_it_and_gives_both_accounts_fresh_passwords()
    {
        var holder = await HolderAsync("orders-0");
        await RotateAsync();
        var second = await holder.NextAsync();

        await _admin.TaintSecretAsync(new TaintSecretRequest { Path = Path });
        var third = await holder.NextAsync();

        Assert.Equal("orders_a", third.Issued.Text("username"));
        Assert.False(LetsIn(holder.First.Issued) || LetsIn(second.Issued));
        Assert.True(LetsIn(third.Issued));
    }

    [Fact]
    public async Task Tainting_does_not_wait_for_the_next_attempt_at_what_has_failed()
    {
        var holder = await HolderAsync("orders-0");
        _server.Failure = (_, name) => name.Value == "orders_b" ? new AccountServerUnreachableException("it is away") : null;
        await RotateAsync();
        _server.Failure = (_, _) => null;

        var tainted = await _admin.TaintSecretAsync(new TaintSecretRequest { Path = Path });

        Assert.Equal((true, 2UL), (tainted.Rotation.Tainted, tainted.Rotation.ToVersion));
        Assert.True(LetsIn((await holder.NextAsync()).Issued));
        Assert.False(LetsIn(holder.First.Issued));
    }

    [Theory]
    [InlineData("set")]
    [InlineData("test")]
    public async Task A_server_that_fails_delays_the_rotation_and_nothing_is_served_untried(string call)
    {
        var holder = await HolderAsync("orders-0");
        _server.Failure = (made, _) => made == call ? new AccountServerUnreachableException("it is away") : null;

        var rotated = await RotateAsync();
        Assert.Equal((State.Preparing, "it is away"), (rotated.Rotation.State, rotated.Rotation.Reason));
        Assert.True(LetsIn((await _broker.Client().FetchAsync(Requests.Fetch(Path))).Updates.Single().Issued));
        _server.Failure = (_, _) => null;
        var next = holder.NextAsync();
        await _clock.AdvanceUntilAsync(() => next.IsCompleted);

        Assert.True(LetsIn((await next).Issued));
    }

    [Fact]
    public async Task A_revocation_that_fails_is_tried_until_it_works()
    {
        var holder = await HolderAsync("orders-0");
        _server.Failure = (_, name) => name.Value == "orders_a" ? new AccountServerRefusedException("not now") : null;
        await RotateAsync();
        await holder.AcknowledgeNextAsync();

        var failing = await UntilAsync(rotation => rotation is { State: State.Revoking, Reason.Length: > 0 });
        _server.Failure = (_, _) => null;
        var done = await UntilAsync(rotation => rotation.EndedAt is not null);

        Assert.Equal("not now", failing.Reason);
        Assert.Equal(State.Done, done.State);
        Assert.False(LetsIn(holder.First.Issued));
    }

    [Fact]
    public async Task It_rotates_when_its_time_has_come_and_once_for_what_was_missed()
    {
        // While it is down, because the fake clock calls every timer of a broker as often as the real one would.
        await AwayAsync(TimeSpan.FromHours(25));
        await UntilAsync(rotation => rotation is { State: State.Done, ToVersion: 2, Trigger: V1.Rotation.Types.Trigger.Schedule });
        await AwayAsync(TimeSpan.FromDays(10));
        await UntilAsync(rotation => rotation is { State: State.Done, ToVersion: 3 });
        var due = (await _admin.GetRotationAsync(new GetRotationRequest { Path = Path })).Schedule;

        Assert.Equal(3, (await _admin.ListVersionsAsync(new ListVersionsRequest { Path = Path })).Versions.Count);
        Assert.InRange(due.NextDue.ToDateTimeOffset() - _clock.GetUtcNow(), TimeSpan.FromHours(21), TimeSpan.FromHours(24));
    }

    [Fact]
    public async Task After_an_abort_the_next_rotation_waits_for_those_who_hold_the_other_account()
    {
        var holder = await HolderAsync("orders-0");
        await RotateAsync();
        var second = await holder.NextAsync();
        await _admin.AbortRotationAsync(new AbortRotationRequest { Path = Path });
        var back = await holder.NextAsync();

        using var give = new CancellationTokenSource();
        var next = _admin.RotateSecretAsync(new RotateSecretRequest { Path = Path }, cancellationToken: give.Token);
        await UntilAsync(rotation => rotation.State == State.Preparing, TimeSpan.Zero);
        Assert.True(LetsIn(second.Issued) && LetsIn(back.Issued));
        await holder.AcknowledgeAsync(back);
        var rotated = await next;

        Assert.Equal((1UL, 3UL), (rotated.Rotation.FromVersion, rotated.Rotation.ToVersion));
        Assert.Equal("orders_b", (await holder.NextAsync()).Issued.Text("username"));
    }

    [Fact]
    public async Task Nobody_puts_or_activates_versions_or_sets_schedules_there()
    {
        var failures = new[]
        {
            await Assert.ThrowsAsync<RpcException>(async () => await _admin.PutSecretAsync(Requests.Put(Path, ("password", "mine")))),
            await Assert.ThrowsAsync<RpcException>(async () => await _admin.ActivateVersionAsync(
                new ActivateVersionRequest { Path = Path, Version = 1 })),
            await Assert.ThrowsAsync<RpcException>(async () => await _admin.SetRotationScheduleAsync(
                new SetRotationScheduleRequest { Path = Path, Schedule = new RotationSchedule { Cron = "* * * * *" } })),
        };

        Assert.All(failures, failure => Assert.Equal("REQUEST_INVALID", failure.Reason()));
    }

    private async Task AwayAsync(TimeSpan time)
    {
        await _broker.StopAsync();
        _clock.Advance(time);
        await _broker.StartServerAsync();
        _admin = _broker.Admin;
    }

    private bool LetsIn(Issued issued) => _server.LetsIn(issued.Text("username"), issued.Text("password"));

    private async Task<WatchingHolder> HolderAsync(string pod)
    {
        var holder = new WatchingHolder(_broker.Client(_broker.Issuer.Token(pod: pod, lifetime: TimeSpan.FromDays(2))), Path);
        await holder.AcknowledgeNextAsync();
        return holder;
    }

    private async Task<RotateSecretResponse> RotateAsync() => await _admin.RotateSecretAsync(new RotateSecretRequest { Path = Path });

    private async Task<V1.Rotation> RotationAsync() =>
        (await _admin.GetRotationAsync(new GetRotationRequest { Path = Path })).Rotation;

    /// <summary>Waits until the rotation stands so, while time passes.</summary>
    private async Task<V1.Rotation> UntilAsync(Func<V1.Rotation, bool> isSo, TimeSpan? step = null)
    {
        V1.Rotation? found = null;
        await _clock.AdvanceUntilAsync(
            () => RotationAsync().Result is { } rotation && isSo(found = rotation), step ?? TimeSpan.FromSeconds(1));
        return found!;
    }
}
