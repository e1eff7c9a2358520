using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using SidecarAgent.Ctl.Tests.FakeBroker;
using SidecarAgent.V1;

using State = SidecarAgent.V1.Rotation.Types.State;

namespace SidecarAgent.Ctl.Tests;

/// <summary><c>rotate --watch</c>, <c>taint</c>, <c>rotation</c>, and <c>secret put</c> with a schedule.</summary>
public sealed class RotationCommandsTests : IAsyncLifetime
{
    private static readonly Rotation Done = new(Recorded.Rotation)
    {
        State = State.Done,
        Acknowledged = 2,
        Behind = 0,
        Rejected = 0,
        EndedAt = Recorded.At,
    };

    private Operator _operator = null!;

    public async Task InitializeAsync() => _operator = await Operator.CreateAsync();

    public Task DisposeAsync() => _operator.DisposeAsync().AsTask();

    [Fact]
    public async Task Watching_prints_lines_where_there_is_no_terminal_and_ends_with_0_when_it_is_done()
    {
        _operator.Broker.Followed = [Recorded.Rotation, Done];

        var run = await _operator.RunAsync("rotate", "kv/shop/orders", "--watch", "--deadline", "10m");

        Assert.Equal(
            """
            waiting: 1 of 2 holders use version 4, 1 behind, 1 rejected it
            kv/shop/orders: version 4 is served now; 2 holders told, all use it

            """,
            run.MustSucceed().Output);
        Assert.Equal(TimeSpan.FromMinutes(10).ToDuration(), Assert.Single(_operator.Broker.All<RotateSecretRequest>()).Deadline);
    }

    [Fact]
    public async Task Watching_what_is_held_says_who_and_why_and_ends_with_1()
    {
        _operator.Broker.Followed =
            [new Rotation(Recorded.Rotation) { State = State.Held, Reason = "1 of 2 holders cannot use version 4" }];

        var run = await _operator.RunAsync("rotate", "kv/shop/orders", "--watch");

        Assert.Equal(1, run.Code);
        Assert.Contains("rejected: the template has no end", run.Output, StringComparison.Ordinal);
        Assert.Contains("pod orders-7c9f-b on node node-2", run.Output, StringComparison.Ordinal);
        Assert.Contains("is held: 1 of 2 holders cannot use version 4", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watching_draws_a_bar_on_a_terminal()
    {
        _operator.Broker.Followed = [Recorded.Rotation, Done];
        _operator.Surroundings = _operator.Surroundings with { TerminalWidth = 120 };

        var run = await _operator.RunAsync("rotate", "kv/shop/orders", "--watch");

        Assert.Contains("\u001b[", run.MustSucceed().Output, StringComparison.Ordinal);
        Assert.Contains("1 of 2 holders use version 4", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("2 holders told, all use it\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_watches_gets_one_document()
    {
        _operator.Broker.Followed = [Recorded.Rotation, Done];

        var run = await _operator.RunAsync("rotate", "kv/shop/orders", "--watch", "-o", "json");

        Assert.Equal("done", (string?)run.MustSucceed().Json["state"]);
    }

    [Fact]
    public async Task Taint_says_the_version_that_replaces_what_is_compromised()
    {
        var run = await _operator.RunAsync("taint", "kv/shop/orders");

        Assert.StartsWith("kv/shop/orders: version 4 is served now; 2 holders will be told", run.MustSucceed().Output);
        Assert.Equal("kv/shop/orders", _operator.Broker.Only<TaintSecretRequest>().Path);
    }

    [Fact]
    public async Task List_and_show_say_how_far_it_got()
    {
        var list = await _operator.RunAsync("rotation", "list");
        var show = await _operator.RunAsync("rotation", "show", "kv/shop/orders");

        Assert.Equal(
            """
            PATH            STATE    VERSION  STARTED               DEADLINE              ACKNOWLEDGED  BEHIND  REASON
            kv/shop/orders  waiting  3 -> 4   2026-11-22 21:50:52Z  2026-11-22 22:50:52Z  1/2           1

            """,
            list.MustSucceed().Output);
        Assert.Equal(
            """
            kv/shop/orders: from version 3 to 4, begun 2026-11-22 21:50:52Z by local
            waiting: 1 of 2 holders use version 4, 1 behind, 1 rejected it
            holders have until 2026-11-22 22:50:52Z
              shop/orders, pod orders-7c9f-b on node node-2: rejected: the template has no end
            rotated every 1d, next at 2026-11-23 21:50:52Z

            """,
            show.MustSucceed().Output);
    }

    [Fact]
    public async Task A_rotation_is_resumed_or_aborted()
    {
        var resumed = await _operator.RunAsync("rotation", "resume", "kv/shop/orders");
        var aborted = await _operator.RunAsync("rotation", "abort", "kv/shop/orders");

        Assert.Equal(
            "kv/shop/orders: the rotation goes on; holders have until 2026-11-22 22:50:52Z\n", resumed.MustSucceed().Output);
        Assert.Equal("kv/shop/orders: the rotation has ended; version 3 is served\n", aborted.MustSucceed().Output);
    }

    [Fact]
    public async Task A_schedule_is_set_and_removed()
    {
        var set = await _operator.RunAsync("rotation", "set", "kv/shop/orders", "--cron", "0 3 * * *");
        var none = await _operator.RunAsync("rotation", "set", "kv/shop/orders", "--never");
        var neither = await _operator.RunAsync("rotation", "set", "kv/shop/orders");

        Assert.StartsWith("kv/shop/orders: rotated every 1d, next at", set.MustSucceed().Output);
        Assert.Equal("kv/shop/orders: not rotated by itself\n", none.MustSucceed().Output);
        neither.MustFail(2, "exactly one of --every, --cron and --never");
    }

    [Fact]
    public async Task A_schedule_that_fails_does_not_hide_that_the_version_is_stored()
    {
        _operator.Broker.ScheduleFailure = new RpcException(new Status(StatusCode.InvalidArgument, "no such time"));

        var run = await _operator.RunAsync("secret", "put", "kv/shop/orders", "--generate", "password", "--rotate-every", "1d");

        run.MustFail(1, "kv/shop/orders: version 3 is stored and served, and when it is rotated is not set: no such time");
    }

    [Fact]
    public async Task A_secret_is_put_with_its_schedule()
    {
        var run = await _operator.RunAsync("secret", "put", "kv/shop/orders", "--generate", "password", "--rotate-every", "24h");
        var given = await _operator.RunAsync("secret", "put", "kv/shop/orders", "user=x", "--identifier", "user", "--rotate-every", "24h");

        Assert.Equal(
            "kv/shop/orders: version 3 is stored and served\nrotated every 1d, next at 2026-11-23 21:50:52Z\n",
            run.MustSucceed().Output);
        Assert.Equal(TimeSpan.FromDays(1).ToDuration(), Assert.Single(_operator.Broker.All<SetRotationScheduleRequest>()).Schedule.Every);
        given.MustFail(2, "needs a field with --generate");
    }
}
