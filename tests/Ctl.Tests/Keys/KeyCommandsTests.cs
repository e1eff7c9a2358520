using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Tests.Keys;

public sealed class KeyCommandsTests : IAsyncLifetime
{
    private Operator _operator = null!;

    public async Task InitializeAsync() => _operator = await Operator.CreateAsync();

    public async Task DisposeAsync() => await _operator.DisposeAsync();

    [Fact]
    public async Task Status_shows_which_keys_wrap_how_much_and_what_ails_their_services()
    {
        var run = (await _operator.RunAsync("key", "status")).MustSucceed();

        Assert.StartsWith("kms unix:///run/kms.sock: it is not healthy; last used 2026-", run.Lines[0], StringComparison.Ordinal);
        Assert.Equal(["KEY", "FIELDS", "USE"], run.Lines[1].Split("  ", StringSplitOptions.RemoveEmptyEntries).Select(cell => cell.Trim()));
        Assert.Contains("unwraps; 'sidecarctl key rewrap' leaves nothing for it", run.Lines[2], StringComparison.Ordinal);
        Assert.Contains("is not configured: what it wrapped cannot be read", run.Lines[3], StringComparison.Ordinal);
        Assert.Contains("340", run.Lines[4], StringComparison.Ordinal);

        var json = (await _operator.RunAsync("key", "status", "-o", "json")).MustSucceed().Json;
        Assert.Equal("kms:key-2", (string?)json["keys"]![2]!["keyId"]);
        Assert.False((bool)json["services"]![0]!["up"]!);
    }

    [Fact]
    public async Task Rotate_says_which_file_to_put_in_a_safe_and_where_the_earlier_key_is()
    {
        var run = (await _operator.RunAsync("key", "rotate")).MustSucceed();

        Assert.Contains("file:ffeeddcc44332211 wraps from now on", run.Output, StringComparison.Ordinal);
        Assert.Contains("/etc/sidecar-broker/kek.00112233aabbccdd", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_broker_cannot_rotate_it_says_who_can()
    {
        _operator.Broker.Failure = Failed(StatusCode.FailedPrecondition, "KEY_NOT_ROTATED", "the key is the KMS's to rotate: do it there");

        (await _operator.RunAsync("key", "rotate")).MustFail(1, "the key is the KMS's to rotate: do it there; nothing was changed");
    }

    [Fact]
    public async Task Rewrap_answers_when_it_is_done_and_asks_for_the_rate()
    {
        var run = (await _operator.RunAsync("key", "rewrap", "--rate", "250")).MustSucceed();

        Assert.Equal("40 data keys wrapped anew by kms:key-2\n", run.Output);
        Assert.Equal(250u, _operator.Broker.Only<RewrapKeysRequest>().MaxPerSecond);
    }

    [Fact]
    public async Task Watch_shows_lines_where_there_is_no_terminal_and_leaves_the_answer_alone()
    {
        var run = await _operator.RunAsync("key", "rewrap", "--watch", "-o", "json");

        Assert.Equal(0, run.Code);
        Assert.Equal(40, (int)run.Json["done"]!);
        Assert.Contains("0/40 (0%), 0 failures\n", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Split('\n'), "40/40 (100%), 0 failures");
        Assert.DoesNotContain('\r', run.Error);
    }

    [Fact]
    public async Task Watch_draws_a_bar_on_a_terminal()
    {
        _operator.Surroundings = _operator.Surroundings with { TerminalWidth = 100, ErrorIsTerminal = true };

        var run = await _operator.RunAsync("key", "rewrap", "--watch");

        Assert.Equal(0, run.Code);
        Assert.Contains("\r[###############...............] 20/40 (50%)", run.Error, StringComparison.Ordinal);
        Assert.EndsWith("\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_draws_no_bar_into_a_file_of_standard_error()
    {
        _operator.Surroundings = _operator.Surroundings with { TerminalWidth = 100, ErrorIsTerminal = false };

        var run = await _operator.RunAsync("key", "rewrap", "--watch");

        Assert.Contains("40/40 (100%), 0 failures\n", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', run.Error);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(50)]
    [InlineData(200)]
    public async Task The_bar_never_wraps(int width)
    {
        _operator.Surroundings = _operator.Surroundings with { TerminalWidth = width, ErrorIsTerminal = true };

        var run = await _operator.RunAsync("key", "rewrap", "--watch");

        Assert.All(run.Error.TrimEnd('\n').Split('\r'), line => Assert.InRange(line.Length, 0, width - 1));
        Assert.Contains("40/40 (100%), 0 failures", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_could_not_be_unwrapped_is_a_failure_with_its_cause()
    {
        _operator.Broker.Rewrap =
            [new() { KeyId = "kms:key-2", Total = 3, Done = 1, Failed = 2, Problem = "no key of that id is configured", Finished = true }];

        var run = await _operator.RunAsync("key", "rewrap");

        Assert.Equal(1, run.Code);
        Assert.Equal("1 data key wrapped anew by kms:key-2\n", run.Output);
        Assert.Contains("2 data keys could not be unwrapped, the first because: no key of that id is configured", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rewrap_that_breaks_off_says_that_it_goes_on()
    {
        _operator.Broker.Rewrap = [new() { KeyId = "kms:key-2", Total = 3, Done = 1 }];
        (await _operator.RunAsync("key", "rewrap")).MustFail(1, "run it again, it goes on where it was");

        _operator.Broker.Failure = Failed(StatusCode.Unavailable, "KEY_UNAVAILABLE", "the key service cannot be used");
        (await _operator.RunAsync("key", "rewrap")).MustFail(1, "the key service cannot be used; 'sidecarctl key status' shows which");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("100001")]
    [InlineData("fast")]
    public async Task A_rate_that_cannot_be_meant_is_refused(string rate) =>
        (await _operator.RunAsync("key", "rewrap", "--rate", rate)).MustFail(2);

    private static RpcException Failed(StatusCode code, string reason, string message) => new Google.Rpc.Status
    {
        Code = (int)code,
        Message = message,
        Details = { Any.Pack(new ErrorInfo { Domain = "sidecar-agent.io", Reason = reason }) },
    }.ToRpcException();
}
