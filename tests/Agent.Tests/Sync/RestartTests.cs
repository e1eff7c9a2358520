using SidecarAgent.Agent.Tests.FakeBroker;

namespace SidecarAgent.Agent.Tests.Sync;

/// <summary>An agent that is killed and started again goes on where it was.</summary>
[Collection(nameof(AgentsInTurn))]
public sealed class RestartTests
{
    [Fact]
    public async Task Nothing_is_fetched_or_written_again()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.Broker.Put("kv/a", ("x", "1"));
        var first = pod.Run();
        var lease = (await pod.Broker.Acknowledgements.NextAsync()).LeaseId;
        var generation = pod.Generation();
        await first.CrashAsync();
        pod.Broker.Watches.TakeAll();

        var second = pod.Run();

        var asked = Assert.Single((await pod.Broker.Watches.NextAsync()).Secrets);
        Assert.Equal((lease, 1ul), (asked.LeaseId, asked.HeldVersion));
        pod.Broker.Put("kv/a", ("x", "2"));
        await AcknowledgedAsync(pod, 2);
        Assert.Equal("2", pod.Read("a"));
        Assert.EndsWith(".1", generation, StringComparison.Ordinal);
        Assert.EndsWith(".2", pod.Generation(), StringComparison.Ordinal);
        Assert.True((await second.ReadinessAsync()).Ready);
    }

    [Fact]
    public async Task A_rotation_meanwhile_is_caught_up_with()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.Broker.Put("kv/a", ("x", "1"));
        await (await StartedAsync(pod, 1)).CrashAsync();

        pod.Broker.Put("kv/a", ("x", "2"));
        pod.Run();
        await AcknowledgedAsync(pod, 2);

        Assert.Equal("2", pod.Read("a"));
    }

    /// <summary>It may have been killed between the files and the acknowledgement: a rotation would wait for it.</summary>
    [Fact]
    public async Task What_is_on_disk_is_acknowledged_once_more()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.Broker.Put("kv/a", ("x", "1"));
        var first = pod.Run();
        var said = await pod.Broker.Acknowledgements.NextAsync();
        await first.CrashAsync();

        pod.Run();

        Assert.Equal(said, await pod.Broker.Acknowledgements.NextAsync());
    }

    [Fact]
    public async Task Values_that_a_changed_template_needs_too_are_asked_for_under_the_same_lease()
    {
        await using var pod = await TestPod.StartAsync();
        pod.Files.Add(WatchTests.Template("url", """{{ (secret "kv/a").Data.user }}@{{ (secret "kv/b").Data.host }}"""));
        pod.Broker.Put(("kv/a", [("user", "u1")]), ("kv/b", [("host", "h1")]));
        await (await StartedAsync(pod, 2)).CrashAsync();
        pod.Run();
        await pod.Broker.Watches.NextAsync();
        var asked = (await pod.Broker.Watches.NextAsync()).Secrets.Single(secret => secret.Path == "kv/a");

        pod.Broker.Put("kv/b", ("host", "h2"));
        await AcknowledgedAsync(pod, 2);

        Assert.Equal("u1@h2", pod.Read("url"));
        var again = Assert.Single((await pod.Broker.Fetches.NextAsync()).Secrets);
        Assert.Equal(("kv/a", asked.LeaseId, 0ul), (again.Path, again.LeaseId, again.HeldVersion));
    }

    [Fact]
    public async Task Another_configuration_makes_the_files_anew_under_the_same_leases()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.Broker.Put("kv/a", ("x", "1"), ("y", "2"));
        await (await StartedAsync(pod, 1)).CrashAsync();
        var lease = Assert.Single((await pod.Broker.Watches.NextAsync()).Secrets).LeaseId;
        pod.Files.Clear();
        pod.WantRaw("b", "kv/a", "y");

        await StartedAsync(pod, 1);

        Assert.Equal((null, "2"), (pod.Read("a"), pod.Read("b")));
        var asked = Assert.Single((await pod.Broker.Watches.NextAsync()).Secrets);
        Assert.Equal("", lease);
        Assert.Equal(("lease-1", 0ul), (asked.LeaseId, asked.HeldVersion));
    }

    [Fact]
    public async Task A_file_that_somebody_removed_is_made_anew()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.Broker.Put("kv/a", ("x", "1"));
        await (await StartedAsync(pod, 1)).CrashAsync();
        File.Delete(Path.Combine(pod.MountPath, "..data", "a"));

        await StartedAsync(pod, 1);

        Assert.Equal("1", pod.Read("a"));
    }

    [Fact]
    public async Task Sigterm_removes_the_files_and_gives_the_leases_back()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.Broker.Put("kv/a", ("x", "1"));

        await (await StartedAsync(pod, 1)).StopAsync();

        Assert.Empty(Directory.EnumerateFileSystemEntries(pod.MountPath));
        Assert.Equal(["lease-1"], (await pod.Broker.Releases.NextAsync()).LeaseIds);
    }

    [Fact]
    public async Task Sigterm_does_not_wait_for_a_broker_that_is_away()
    {
        await using var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.Broker.Put("kv/a", ("x", "1"));
        var agent = await StartedAsync(pod, 1);
        await pod.Broker.StopAsync();

        await agent.StopAsync();

        Assert.Empty(Directory.EnumerateFileSystemEntries(pod.MountPath));
        await pod.Log.WaitForAsync("were not given back");
    }

    /// <summary>Also what was said before is said once more after a restart.</summary>
    private static async Task AcknowledgedAsync(TestPod pod, ulong version)
    {
        while ((await pod.Broker.Acknowledgements.NextAsync()).Version != version)
        {
            // Of an earlier one.
        }
    }

    private static async Task<RunningAgent> StartedAsync(TestPod pod, int secrets)
    {
        var agent = pod.Run();
        for (var secret = 0; secret < secrets; secret++)
            await pod.Broker.Acknowledgements.NextAsync();
        return agent;
    }
}
