using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Tests.Engines;
using SidecarAgent.Broker.Tests.Storage;
using SidecarAgent.V1;

using State = SidecarAgent.V1.Rotation.Types.State;

namespace SidecarAgent.Broker.Tests.Rotation;

/// <summary>Rotations of stored secrets, from the request to the last acknowledgement.</summary>
public abstract class KeyValueRotationTests(TestStore store) : IAsyncLifetime
{
    private const string Path = "kv/shop/db";

    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private RunningBroker _broker = null!;
    private BrokerAdmin.BrokerAdminClient _admin = null!;

    public async Task InitializeAsync()
    {
        // Leases outlive the deadline, so that it is the deadline which ends an overlap here. Both are short: the fake
        // clock calls every timer of the broker as often as the real one would.
        _broker = await RunningBroker.StartAsync(
            _clock, RunningBroker.DefaultPolicies.Replace("ttl: 1h", "ttl: 4m", StringComparison.Ordinal),
            configuration: "rotation: { deadline: 1m }", store: store);
        _admin = _broker.Admin;
        await _admin.PutSecretAsync(Requests.PutGenerated(Path, "password"));
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task It_is_done_when_the_last_holder_has_acknowledged()
    {
        var (first, second) = (await HolderAsync("orders-0"), await HolderAsync("orders-1"));
        var began = await RotateAsync();
        using var watch = _admin.WatchRotation(new WatchRotationRequest { Path = Path });
        var waiting = await watch.UntilAsync(rotation => rotation.State == State.Waiting);
        Assert.Equal((2U, 0U, 2U), (waiting.Holders, waiting.Acknowledged, waiting.Behind));

        await first.AcknowledgeNextAsync();
        var half = await watch.UntilAsync(rotation => rotation.Behind == 1);
        await second.AcknowledgeNextAsync();
        var done = await watch.UntilAsync(rotation => rotation.EndedAt is not null);

        Assert.True(began.Began);
        Assert.Equal("orders-1", Assert.Single(half.Laggards).Workload.Pod);
        Assert.Equal((State.Done, 1UL, 2UL, 0U), (done.State, done.FromVersion, done.ToVersion, done.LeftBehind));
        Assert.False(await watch.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task A_second_request_is_answered_with_the_one_under_way()
    {
        await HolderAsync("orders-0");
        var requests = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => RotateAsync()));

        Assert.Single(requests, request => request.Began);
        Assert.Single(requests.Select(request => request.Rotation.Id).Distinct());
        Assert.Equal(2, (await _admin.ListVersionsAsync(new ListVersionsRequest { Path = Path })).Versions.Count);
    }

    [Fact]
    public async Task At_the_deadline_it_is_done_and_says_how_many_were_behind()
    {
        await HolderAsync("orders-0");
        await RotateAsync(TimeSpan.FromMinutes(1));

        _clock.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(State.Waiting, (await RotationAsync()).State);
        await _clock.AdvanceUntilAsync(() => RotationAsync().Result.EndedAt is not null, TimeSpan.FromSeconds(10));

        var done = await RotationAsync();
        Assert.Equal((State.Done, 1U), (done.State, done.LeftBehind));
        Assert.Contains("1 holders were still behind", done.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_holder_that_releases_or_whose_lease_ends_is_not_waited_for()
    {
        var (first, second) = (await HolderAsync("orders-0"), await HolderAsync("orders-1"));
        await RotateAsync(TimeSpan.FromDays(1));

        await first.ReleaseAllAsync();
        second.Dispose();
        await _clock.AdvanceUntilAsync(() => RotationAsync().Result.EndedAt is not null, TimeSpan.FromSeconds(10));

        Assert.Equal((State.Done, 0U), ((await RotationAsync()).State, (await RotationAsync()).LeftBehind));
    }

    [Fact]
    public async Task A_rejection_holds_it_past_the_deadline_and_it_goes_on_when_that_is_mended()
    {
        var (good, bad) = (await HolderAsync("orders-0"), await HolderAsync("orders-1"));
        await RotateAsync(TimeSpan.FromMinutes(1));
        await good.AcknowledgeNextAsync();
        using var watch = _admin.WatchRotation(new WatchRotationRequest { Path = Path });

        var update = await bad.NextAsync();
        await bad.RejectAsync(update, "the template has no end");
        var held = await watch.UntilAsync(rotation => rotation.State == State.Held);
        _clock.Advance(TimeSpan.FromMinutes(2));
        // A watch sees the row, perhaps before the loop that wrote it has counted it.
        var metrics = "";
        await Waiting.UntilAsync(async () =>
            (metrics = await _broker.Metrics.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Contains("{state=\"held\"} 1", StringComparison.Ordinal));
        var still = await RotationAsync();
        await bad.AcknowledgeAsync(update);
        var done = await watch.UntilAsync(rotation => rotation.EndedAt is not null);

        var laggard = Assert.Single(held.Laggards);
        Assert.Equal(("orders-1", true, "the template has no end"), (laggard.Workload.Pod, laggard.Rejected, laggard.Reason));
        Assert.Contains("1 of 2 holders cannot use version 2", held.Reason, StringComparison.Ordinal);
        Assert.Contains("sidecar_broker_rotations{state=\"held\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains($"sidecar_broker_rotation_holders_behind{{path=\"{Path}\"}} 1", metrics, StringComparison.Ordinal);
        Assert.Equal(State.Held, still.State);
        Assert.Equal((State.Done, 0U), (done.State, done.LeftBehind));
    }

    [Fact]
    public async Task An_operator_can_let_it_go_on_past_a_rejection()
    {
        var bad = await HolderAsync("orders-0");
        await RotateAsync(TimeSpan.FromMinutes(1));
        await bad.RejectAsync(await bad.NextAsync(), "no");
        using var watch = _admin.WatchRotation(new WatchRotationRequest { Path = Path });
        await watch.UntilAsync(rotation => rotation.State == State.Held);

        await _admin.ResumeRotationAsync(new ResumeRotationRequest { Path = Path });
        await watch.UntilAsync(rotation => rotation.State == State.Waiting);
        await _clock.AdvanceUntilAsync(() => RotationAsync().Result.EndedAt is not null, TimeSpan.FromSeconds(10));

        Assert.Equal((State.Done, 1U), ((await RotationAsync()).State, (await RotationAsync()).LeftBehind));
    }

    [Fact]
    public async Task An_aborted_one_serves_the_old_version_again()
    {
        var holder = await HolderAsync("orders-0");
        await RotateAsync();
        Assert.Equal(2UL, (await holder.NextAsync()).Issued.Version);

        var aborted = await _admin.AbortRotationAsync(new AbortRotationRequest { Path = Path });
        var back = await holder.NextAsync();
        await holder.AcknowledgeAsync(back);
        var next = await RotateAsync();

        Assert.Equal(State.Aborted, aborted.Rotation.State);
        Assert.Equal(1UL, back.Issued.Version);
        Assert.Equal((1UL, 3UL), (next.Rotation.FromVersion, next.Rotation.ToVersion));
    }

    [Fact]
    public async Task What_is_tainted_is_replaced_at_once_and_nobody_can_hold_it_up()
    {
        var holder = await HolderAsync("orders-0");

        var tainted = await _admin.TaintSecretAsync(new TaintSecretRequest { Path = Path });
        await holder.RejectAsync(await holder.NextAsync(), "no");
        await _clock.AdvanceUntilAsync(() => RotationAsync().Result.EndedAt is not null, TimeSpan.FromSeconds(10));

        Assert.Equal((true, 2UL), (tainted.Rotation.Tainted, tainted.Rotation.ToVersion));
        Assert.Equal((State.Done, 1U), ((await RotationAsync()).State, (await RotationAsync()).LeftBehind));
        var holders = (await _admin.ListHoldersAsync(new ListHoldersRequest { Path = Path })).Holders;
        Assert.DoesNotContain(holders, lease => lease.Version == 1);
    }

    [Fact]
    public async Task Tainting_cuts_short_what_is_under_way_and_rotates_again()
    {
        var holder = await HolderAsync("orders-0");
        var first = await RotateAsync();
        await holder.NextAsync();

        var tainted = await _admin.TaintSecretAsync(new TaintSecretRequest { Path = Path });

        Assert.NotEqual(first.Rotation.Id, tainted.Rotation.Id);
        Assert.Equal((true, 2UL, 3UL), (tainted.Rotation.Tainted, tainted.Rotation.FromVersion, tainted.Rotation.ToVersion));
        Assert.Equal(3UL, (await holder.NextAsync()).Issued.Version);
        var refused = await Assert.ThrowsAsync<RpcException>(
            async () => await _admin.AbortRotationAsync(new AbortRotationRequest { Path = Path }));
        Assert.Equal("ROTATION_CANNOT_CHANGE", refused.Reason());
    }

    [Fact]
    public async Task What_an_operator_serves_meanwhile_ends_it()
    {
        await HolderAsync("orders-0");
        await RotateAsync();
        using var watch = _admin.WatchRotation(new WatchRotationRequest { Path = Path });

        await _admin.ActivateVersionAsync(new ActivateVersionRequest { Path = Path, Version = 1 });
        var failed = await watch.UntilAsync(rotation => rotation.EndedAt is not null);

        Assert.Equal((State.Failed, "version 1 was served meanwhile"), (failed.State, failed.Reason));
    }

    [Fact]
    public async Task It_goes_on_after_the_broker_was_away()
    {
        var holder = await HolderAsync("orders-0");
        await RotateAsync();
        var update = await holder.NextAsync();
        await _broker.RestartAsync();
        _admin = _broker.Admin;

        Assert.Equal(State.Waiting, (await RotationAsync()).State);
        using var watch = _admin.WatchRotation(new WatchRotationRequest { Path = Path });
        await _broker.Client(_broker.Issuer.Token(pod: "orders-0")).AcknowledgeAsync(Requests.Applied(update));

        Assert.Equal(State.Done, (await watch.UntilAsync(rotation => rotation.EndedAt is not null)).State);
    }

    [Fact]
    public async Task A_secret_with_a_schedule_is_rotated_by_itself_until_it_has_none_any_more()
    {
        var put = Requests.PutGenerated(Path, "password");
        await _admin.PutSecretAsync(put);
        var every = new RotationSchedule { Every = TimeSpan.FromMinutes(1).ToDuration() };
        var set = await _admin.SetRotationScheduleAsync(new SetRotationScheduleRequest { Path = Path, Schedule = every });

        await _clock.AdvanceUntilAsync(() => RotationAsync().Result is { ToVersion: 4, EndedAt: not null }, TimeSpan.FromSeconds(2));
        await _admin.SetRotationScheduleAsync(new SetRotationScheduleRequest { Path = Path });
        _clock.Advance(TimeSpan.FromMinutes(2));
        var left = await _admin.GetRotationAsync(new GetRotationRequest { Path = Path });

        Assert.InRange(set.Schedule.NextDue.ToDateTimeOffset() - _clock.GetUtcNow(), TimeSpan.FromMinutes(-6), TimeSpan.FromMinutes(1));
        Assert.Equal((V1.Rotation.Types.Trigger.Schedule, ""), (left.Rotation.Trigger, left.Rotation.By));
        Assert.Null(left.Schedule);
    }

    private async Task<WatchingHolder> HolderAsync(string pod)
    {
        var holder = new WatchingHolder(_broker.Client(_broker.Issuer.Token(pod: pod, lifetime: TimeSpan.FromDays(2))), Path);
        await holder.AcknowledgeNextAsync();
        return holder;
    }

    private async Task<RotateSecretResponse> RotateAsync(TimeSpan? deadline = null) =>
        await _admin.RotateSecretAsync(new RotateSecretRequest { Path = Path, Deadline = deadline?.ToDuration() });

    private async Task<V1.Rotation> RotationAsync() =>
        (await _admin.GetRotationAsync(new GetRotationRequest { Path = Path })).Rotation;
}

public sealed class SqliteKeyValueRotationTests() : KeyValueRotationTests(new SqliteTestStore());

[Collection(nameof(PostgresFixture))]
public sealed class PostgresKeyValueRotationTests(PostgresFixture server) : KeyValueRotationTests(new PostgresTestStore(server));
