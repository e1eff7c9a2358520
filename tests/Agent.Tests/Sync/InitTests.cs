using Grpc.Core;
using SidecarAgent.Agent.Commands;
using SidecarAgent.Agent.Tests.FakeBroker;

namespace SidecarAgent.Agent.Tests.Sync;

/// <summary><c>init</c>: once, or a reason why not.</summary>
[Collection(nameof(AgentsInTurn))]
public sealed class InitTests
{
    [Fact]
    public async Task The_files_are_written_with_the_longest_leases_and_acknowledged()
    {
        await using var pod = await OneSecretAsync();

        await pod.InitAsync();

        Assert.Equal("1", pod.Read("a"));
        Assert.True((await pod.Broker.Fetches.NextAsync()).LongestLease);
        Assert.Equal("lease-1", (await pod.Broker.Acknowledgements.NextAsync()).LeaseId);
        Assert.Equal((0, 0), (pod.Broker.Releases.Count, pod.Broker.Watches.Count));
    }

    [Fact]
    public async Task A_second_time_nothing_is_fetched()
    {
        await using var pod = await OneSecretAsync();
        await pod.InitAsync();
        await pod.Broker.Fetches.NextAsync();
        var generation = pod.Generation();

        await pod.InitAsync();

        var asked = Assert.Single((await pod.Broker.Fetches.NextAsync()).Secrets);
        Assert.Equal(("lease-1", 1ul), (asked.LeaseId, asked.HeldVersion));
        Assert.Equal(generation, pod.Generation());
    }

    [Fact]
    public async Task A_sidecar_goes_on_with_what_init_left_behind()
    {
        await using var pod = await OneSecretAsync();
        await pod.InitAsync();
        await pod.Broker.Acknowledgements.NextAsync();

        pod.Run();

        var asked = Assert.Single((await pod.Broker.Watches.NextAsync()).Secrets);
        Assert.Equal(("lease-1", 1ul), (asked.LeaseId, asked.HeldVersion));
    }

    [Fact]
    public async Task Denied_is_exit_code_3()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/none", "x");

        var end = await Assert.ThrowsAsync<CommandException>(() => pod.InitAsync());

        Assert.Equal((3, "kv/none is denied: there is nothing at this path yet"), (end.ExitCode, end.Message));
    }

    [Theory]
    [InlineData(StatusCode.Unauthenticated, "TOKEN_INVALID", 3)]
    [InlineData(StatusCode.PermissionDenied, "", 3)]
    [InlineData(StatusCode.InvalidArgument, "REQUEST_INVALID", 1)]
    public async Task What_no_waiting_helps_against_ends_it_at_once(StatusCode code, string reason, int exitCode)
    {
        await using var pod = await OneSecretAsync();
        pod.Broker.Refuse(FakeBroker.FakeBroker.Error(code, reason));

        var end = await Assert.ThrowsAsync<CommandException>(() => pod.InitAsync());

        Assert.Equal(exitCode, end.ExitCode);
        Assert.Contains($"because of {reason}", end.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_rendered_is_exit_code_1_and_rejected()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.Broker.Put("kv/a", ("y", "1"));

        var end = await Assert.ThrowsAsync<CommandException>(() => pod.InitAsync());

        Assert.Equal(1, end.ExitCode);
        Assert.Equal(V1.Acknowledgement.Types.Outcome.Rejected, (await pod.Broker.Acknowledgements.NextAsync()).Outcome);
        Assert.Null(pod.Generation());
    }

    [Fact]
    public async Task A_broker_that_is_not_reached_in_time_is_exit_code_4()
    {
        var time = new ArmedTime();
        await using var pod = await OneSecretAsync();
        await pod.Broker.StopAsync();
        pod.Time = time;
        var init = pod.InitAsync(TimeSpan.FromSeconds(60));

        await pod.Log.WaitForAsync("trying again");
        time.Advance(TimeSpan.FromSeconds(60));

        var end = await Assert.ThrowsAsync<CommandException>(() => init);
        Assert.Equal(4, end.ExitCode);
        Assert.Contains("was not reached after 60 s: Connection refused", end.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_comes_up_in_time_is_good_enough()
    {
        await using var pod = await OneSecretAsync();
        await pod.Broker.StopAsync();
        var init = pod.InitAsync();

        await pod.Log.WaitForAsync("trying again");
        await pod.Broker.StartAsync();
        await init;

        Assert.Equal("1", pod.Read("a"));
    }

    private static async Task<TestPod> OneSecretAsync()
    {
        var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.Broker.Put("kv/a", ("x", "1"));
        return pod;
    }
}
