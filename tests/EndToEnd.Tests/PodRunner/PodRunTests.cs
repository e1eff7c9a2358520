using System.Collections.Concurrent;
using Mono.Unix.Native;
using SidecarAgent.Quickstart.PodRunner;
using SidecarAgent.Testing;

namespace SidecarAgent.EndToEnd.Tests.PodRunner;

public sealed class PodRunTests : IDisposable
{
    /// <summary>Runs until SIGTERM, which it reports.</summary>
    private const string Forever = "trap 'echo stopping; exit 0' TERM; echo running; while :; do sleep 0.05; done";

    private readonly TempDirectory _directory = TempDirectory.CreateInMemory();
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromMinutes(1), TimeProvider.System);

    public void Dispose()
    {
        _directory.Dispose();
        _deadline.Dispose();
    }

    [Fact]
    public async Task Init_containers_run_to_their_end_in_order_before_the_application()
    {
        await using var pod = Create(Some.PodOf(
            [Some.Container("first", "echo one >> /shared/order"), Some.Container("second", "echo two >> /shared/order")],
            [Some.Container("app", "echo three >> /shared/order; cat /shared/order")]));

        await pod.StartAsync(_deadline.Token);

        Assert.Equal(0, await pod.Completion.WaitAsync(_deadline.Token));
        Assert.Equal(["one", "two", "three"], pod.Container("app").Output.Tail.Select(line => line.Text));
    }

    [Fact]
    public async Task A_sidecar_has_started_when_its_postStart_command_has_ended()
    {
        await using var pod = Create(Some.PodOf(
            [
                Some.Sidecar("agent", $"touch /shared/agent; {Forever}", "while ! [ -e /shared/agent ]; do sleep 0.01; done; touch /shared/hook"),
                Some.Container("after", "test -e /shared/hook"),
            ],
            [Some.Container("app", "test -e /shared/hook && echo seen")]));

        await pod.StartAsync(_deadline.Token);

        Assert.Equal(0, await pod.Completion.WaitAsync(_deadline.Token));
        Assert.Equal("seen", Assert.Single(pod.Container("app").Output.Tail).Text);
    }

    [Fact]
    public async Task At_the_end_the_application_is_stopped_first_and_the_sidecars_in_reverse()
    {
        await using var pod = Create(Some.PodOf(
            [Some.Sidecar("outer", Forever), Some.Sidecar("inner", Forever)], [Some.Container("app", Forever)]));
        await pod.StartAsync(_deadline.Token);
        foreach (var name in (string[])["outer", "inner", "app"])
            await pod.Container(name).Output.WaitForAsync(line => line == "running", 0, _deadline.Token);

        await pod.StopAsync();

        Assert.Equal(
            ["app: stopping", "inner: stopping", "outer: stopping"], _lines.Where(line => line.EndsWith("stopping", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_sidecar_that_is_killed_starts_again_and_runs_its_postStart_command_again()
    {
        await using var pod = Create(Some.PodOf(
            [Some.Sidecar("agent", Forever, "echo hook")], [Some.Container("app", Forever)]));
        await pod.StartAsync(_deadline.Token);
        var agent = pod.Container("agent");
        var seen = agent.Output.Count;
        var killed = agent.ProcessId;

        agent.Send(Signum.SIGKILL);

        await agent.Output.WaitForAsync(line => line == "hook", seen, _deadline.Token);
        Assert.NotEqual(killed, agent.ProcessId);
        Assert.Equal(1, agent.Restarts);
        Assert.Contains("pod: agent ended with code 137 and starts again in 0 s", _lines);
    }

    [Fact]
    public async Task When_everything_is_ending_nothing_is_started_again()
    {
        using var ending = new CancellationTokenSource();
        await using var pod = Create(
            Some.PodOf([Some.Sidecar("agent", Forever)], [Some.Container("app", Forever)]),
            options => options with { Ending = ending.Token });
        await pod.StartAsync(_deadline.Token);
        var agent = pod.Container("agent");

        await ending.CancelAsync();
        agent.Send(Signum.SIGKILL);

        Assert.Equal(137, await agent.Completion.WaitAsync(_deadline.Token));
        Assert.Equal(0, agent.Restarts);
    }

    [Fact]
    public async Task A_failed_init_container_fails_a_pod_that_never_restarts()
    {
        await using var pod = Create(Some.PodOf([Some.Container("migrate", "exit 7")], [Some.Container("app", Forever)]));

        var failure = await Assert.ThrowsAsync<PodFailedException>(() => pod.StartAsync(_deadline.Token));

        Assert.Equal("the init container 'migrate' ended with code 7", failure.Message);
        Assert.Null(pod.Container("app").ProcessId);
    }

    [Fact]
    public async Task A_container_that_ignores_SIGTERM_is_killed_after_the_grace_period()
    {
        await using var pod = Create(
            Some.PodOf([], [Some.Container("app", "trap '' TERM; echo running; while :; do sleep 0.05; done")]),
            options => options with { Grace = TimeSpan.FromMilliseconds(50) });
        await pod.StartAsync(_deadline.Token);
        await pod.Container("app").Output.WaitForAsync(line => line == "running", 0, _deadline.Token);

        await pod.StopAsync();

        Assert.Equal(137, await pod.Container("app").Completion);
    }

    [Fact]
    public async Task Nothing_of_the_runners_own_environment_reaches_a_container()
    {
        await using var pod = Create(Some.PodOf([], [Some.Container("app", "env")]));

        await pod.StartAsync(_deadline.Token);
        await pod.Completion.WaitAsync(_deadline.Token);

        Assert.DoesNotContain(pod.Container("app").Output.Tail, line => line.Text.StartsWith("HOME=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Volumes_are_open_to_all_with_the_sticky_bit_and_gone_with_the_pod()
    {
        var pod = Create(Some.PodOf([], [Some.Container("app", "stat -c %a /shared")]));
        await pod.StartAsync(_deadline.Token);
        await pod.Completion.WaitAsync(_deadline.Token);
        Assert.Equal("1777", Assert.Single(pod.Container("app").Output.Tail).Text);

        await pod.DisposeAsync();

        Assert.False(Directory.Exists(_directory.File("pod")));
    }

    [Theory]
    [InlineData("unknown", "/bin/true", "container 'app': nothing on this machine stands in for the image 'unknown'")]
    [InlineData("shell", "/bin/nothing", "container 'app': the image 'shell' has no program '/bin/nothing' here")]
    public void An_image_or_a_program_that_is_not_here_is_refused_before_anything_starts(
        string image, string command, string message)
    {
        var app = Some.Container("app", "");
        app["image"] = image;
        app["command"] = new System.Text.Json.Nodes.JsonArray(command);

        Assert.Equal(message, Assert.Throws<InvalidPodException>(() => Create(Some.PodOf([], [app]))).Message);
        Assert.False(Directory.Exists(_directory.File("pod")));
    }

    private PodRun Create(PodDefinition pod, Func<PodRunOptions, PodRunOptions>? change = null)
    {
        var options = new PodRunOptions
        {
            Directory = _directory.File("pod"),
            LogDirectory = _directory.FullName,
            Images = new Dictionary<string, LocalImage> { ["shell"] = Some.Shell },
            IssueToken = (_, _, _, _) => Task.FromException<string>(new TokenIssueException("there is no issuer here")),
            OnLine = (container, line) => _lines.Enqueue($"{container}: {line.Text}"),
        };
        return PodRun.Create(pod, change?.Invoke(options) ?? options);
    }
}
