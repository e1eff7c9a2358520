using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Tests.FakeBroker;
using SidecarAgent.V1;
using FileOptions = SidecarAgent.Agent.Configuration.FileOptions;
using Outcome = SidecarAgent.V1.Acknowledgement.Types.Outcome;

namespace SidecarAgent.Agent.Tests.Sync;

/// <summary>What becomes of what the broker says, while everything works.</summary>
[Collection(nameof(AgentsInTurn))]
public sealed class WatchTests
{
    [Fact]
    public async Task A_secret_becomes_a_file_and_is_acknowledged_after_it()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("password", "kv/shop/orders", "password");
        pod.Broker.Put("kv/shop/orders", ("password", "s3cret"), ("user", "orders"));

        pod.Run();

        var acknowledgement = await pod.Broker.Acknowledgements.NextAsync();
        Assert.Equal("s3cret", pod.Read("password"));
        Assert.Equal((1ul, Outcome.Applied), (acknowledgement.Version, acknowledgement.Outcome));
        var request = Assert.Single((await pod.Broker.Watches.NextAsync()).Secrets);
        Assert.Equal(["password"], request.Fields);
        Assert.Equal(("", 0ul), (request.LeaseId, request.HeldVersion));
    }

    [Fact]
    public async Task A_rotation_reaches_the_file_the_status_and_the_metrics()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("password", "kv/a", "password");
        pod.Broker.Put("kv/a", ("password", "one"));
        var agent = pod.Run();
        await pod.Broker.Acknowledgements.NextAsync();

        pod.Broker.Put("kv/a", ("password", "two"));

        Assert.Equal(2ul, (await pod.Broker.Acknowledgements.NextAsync()).Version);
        Assert.Equal("two", pod.Read("password"));
        Assert.True((await agent.ReadinessAsync()).Ready);
        var metrics = await agent.GetAsync("/metrics");
        Assert.Matches("sidecar_agent_secret_version\\{[^}]*secret=\"kv/a\"\\} 2\\s", metrics);
        Assert.Matches("sidecar_agent_rotation_seconds_count(\\{[^}]*\\})? 1\\s", metrics);
        Assert.Matches("sidecar_agent_broker_connected(\\{[^}]*\\})? 1\\s", metrics);
    }

    [Fact]
    public async Task Nothing_is_written_until_every_file_can_be()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.WantRaw("b", "kv/b", "x");
        pod.Broker.Put("kv/a", ("x", "1"));
        var agent = pod.Run();
        var readiness = await agent.ReadinessAsync(status => status.Problems.Any(problem => problem.StartsWith("kv/b: NOT_FOUND", StringComparison.Ordinal)));

        Assert.Null(pod.Generation());
        Assert.False(readiness.Ready);
        Assert.Contains(readiness.Problems, problem => problem.StartsWith("file a waits for the other files (since 2", StringComparison.Ordinal));
        Assert.Contains(readiness.Problems, problem => problem.StartsWith("file b waits for kv/b (since 2", StringComparison.Ordinal));

        pod.Broker.Put("kv/b", ("x", "2"));
        await pod.Broker.Acknowledgements.NextAsync();
        await pod.Broker.Acknowledgements.NextAsync();
        Assert.Equal(("1", "2"), (pod.Read("a"), pod.Read("b")));
        Assert.Equal(0, pod.Broker.Fetches.Count);
    }

    [Fact]
    public async Task Versions_that_come_together_change_the_files_together()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("cert", "pki/cert", "x");
        pod.WantRaw("key", "pki/key", "x");
        pod.Broker.Put(("pki/cert", [("x", "c1")]), ("pki/key", [("x", "k1")]));
        pod.Run();
        await pod.Broker.Acknowledgements.NextAsync();
        await pod.Broker.Acknowledgements.NextAsync();
        var first = pod.Generation()!;

        pod.Broker.Put(("pki/cert", [("x", "c2")]), ("pki/key", [("x", "k2")]));
        await pod.Broker.Acknowledgements.NextAsync();
        await pod.Broker.Acknowledgements.NextAsync();

        Assert.Equal(("c2", "k2"), (pod.Read("cert"), pod.Read("key")));
        Assert.EndsWith(".1", first, StringComparison.Ordinal);
        Assert.EndsWith(".2", pod.Generation(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_other_secrets_go_over_as_they_are_without_asking_again()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.WantRaw("b", "kv/b", "x");
        pod.Broker.Put(("kv/a", [("x", "1")]), ("kv/b", [("x", "2")]));
        pod.Run();
        await pod.Broker.Acknowledgements.NextAsync();
        await pod.Broker.Acknowledgements.NextAsync();

        pod.Broker.Put("kv/a", ("x", "3"));
        await pod.Broker.Acknowledgements.NextAsync();

        Assert.Equal(("3", "2"), (pod.Read("a"), pod.Read("b")));
        Assert.Equal(0, pod.Broker.Fetches.Count);
    }

    [Fact]
    public async Task A_version_that_changes_no_byte_is_acknowledged_and_writes_nothing()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.Broker.Put("kv/a", ("x", "same"));
        pod.Run();
        await pod.Broker.Acknowledgements.NextAsync();
        var generation = pod.Generation();

        pod.Broker.Put("kv/a", ("x", "same"));

        Assert.Equal(2ul, (await pod.Broker.Acknowledgements.NextAsync()).Version);
        Assert.Equal(generation, pod.Generation());
    }

    [Fact]
    public async Task A_version_that_cannot_be_rendered_is_rejected_and_the_last_good_files_stay()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.Broker.Put("kv/a", ("x", "good"));
        var agent = pod.Run();
        await pod.Broker.Acknowledgements.NextAsync();

        pod.Broker.Put("kv/a", ("y", "no x here"));

        var rejection = await pod.Broker.Acknowledgements.NextAsync();
        Assert.Equal((2ul, Outcome.Rejected), (rejection.Version, rejection.Outcome));
        Assert.Contains("a: ", rejection.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("no x here", rejection.Reason, StringComparison.Ordinal);
        Assert.Equal("good", pod.Read("a"));
        var readiness = await agent.ReadinessAsync(status => !status.Ready);
        Assert.Contains("RENDER_FAILED", Assert.Single(readiness.Problems), StringComparison.Ordinal);

        pod.Broker.Put("kv/a", ("x", "better"));
        Assert.Equal(Outcome.Applied, (await pod.Broker.Acknowledgements.NextAsync()).Outcome);
        Assert.Equal("better", pod.Read("a"));
        Assert.True((await agent.ReadinessAsync()).Ready);
    }

    [Fact]
    public async Task A_template_over_two_secrets_follows_either_of_them()
    {
        await using var pod = await TestPod.StartAsync();
        pod.Files.Add(Template("url", """{{ (secret "kv/a").Data.user }}@{{ (secret "kv/b").Data.host }}"""));
        pod.Broker.Put(("kv/a", [("user", "u1")]), ("kv/b", [("host", "h1")]));
        pod.Run();
        await pod.Broker.Acknowledgements.NextAsync();
        await pod.Broker.Acknowledgements.NextAsync();
        Assert.Equal("u1@h1", pod.Read("url"));

        pod.Broker.Put("kv/b", ("host", "h2"));
        await pod.Broker.Acknowledgements.NextAsync();

        Assert.Equal("u1@h2", pod.Read("url"));
        Assert.Equal(0, pod.Broker.Fetches.Count);
    }

    [Fact]
    public async Task A_file_that_somebody_takes_away_is_missed_at_once_and_comes_back_with_the_next_version()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.WantRaw("b", "kv/b", "x");
        pod.Broker.Put(("kv/a", [("x", "1")]), ("kv/b", [("x", "2")]));
        var agent = pod.Run();
        await pod.Broker.Acknowledgements.NextAsync();
        await pod.Broker.Acknowledgements.NextAsync();

        File.Delete(Path.Combine(pod.MountPath, "..data", "b"));
        Assert.Equal(["file b has disappeared from the mount"], (await agent.ReadinessAsync()).Problems);
        pod.Broker.Put("kv/a", ("x", "3"));
        await pod.Log.WaitForAsync("Generation 2");

        Assert.Equal(("3", "2"), (pod.Read("a"), pod.Read("b")));
        Assert.True((await agent.ReadinessAsync()).Ready);
    }

    [Fact]
    public async Task A_failure_of_the_broker_changes_nothing_and_is_logged_once()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.Broker.Put("kv/a", ("x", "1"));
        pod.Run();
        await pod.Broker.Acknowledgements.NextAsync();

        var failed = new SecretUpdate { Path = "kv/a", Failed = new Failed { Message = "the database is away" } };
        pod.Broker.Push(failed);
        pod.Broker.Push(failed);
        pod.Broker.Put("kv/a", ("x", "2"));
        await pod.Broker.Acknowledgements.NextAsync();

        Assert.Equal("2", pod.Read("a"));
        Assert.Equal(1, pod.Log.Count("the database is away"));
    }

    internal static FileOptions Template(string file, string template) => new() { File = file, Template = template, Format = FileFormat.Raw };
}
