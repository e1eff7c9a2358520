using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Reload;
using SidecarAgent.Agent.Tests.FakeBroker;
using SidecarAgent.Testing;
using SidecarAgent.V1;

namespace SidecarAgent.Agent.Tests.Sync;

/// <summary>SIGHUP: a changed configuration is used whole, or not at all.</summary>
[Collection(nameof(AgentsInTurn))]
public sealed class ReloadTests
{
    private const string InUse = "The new configuration is in use";
    private const string Kept = "The new configuration is not used, the old one stays: ";

    [Fact]
    public async Task Another_file_comes_with_its_secret_and_the_lease_that_is_held_goes_on()
    {
        await using var pod = await OneSecretAsync();
        pod.Broker.Put("kv/b", ("x", "2"));
        var agent = await StartedAsync(pod);

        pod.WantRaw("b", "kv/b", "x");
        agent.Reload();
        await pod.Log.WaitForAsync($"{InUse}: 2 files");

        Assert.Equal(("1", "2"), (pod.Read("a"), pod.Read("b")));
        var asked = (await pod.Broker.Fetches.NextAsync()).Secrets;
        Assert.Equal([("kv/a", "lease-1", 0ul), ("kv/b", "", 0ul)], asked.Select(secret => (secret.Path, secret.LeaseId, secret.HeldVersion)));
        var watched = (await pod.Broker.Watches.NextAsync()).Secrets;
        Assert.Equal([("kv/a", "lease-1", 1ul), ("kv/b", "lease-2", 1ul)], watched.Select(secret => (secret.Path, secret.LeaseId, secret.HeldVersion)));
        pod.Broker.Put(("kv/a", [("x", "3")]), ("kv/b", [("x", "4")]));
        await pod.Log.WaitForAsync("Generation 3");
        Assert.Equal(("3", "4"), (pod.Read("a"), pod.Read("b")));
        Assert.Equal(0, pod.Broker.Releases.Count);
        Assert.True((await agent.ReadinessAsync(status => status.Ready)).Ready);
    }

    [Fact]
    public async Task A_file_that_is_no_longer_wanted_goes_and_its_lease_is_given_back()
    {
        await using var pod = await OneSecretAsync();
        pod.WantRaw("b", "kv/b", "x");
        pod.Broker.Put("kv/b", ("x", "2"));
        var agent = await StartedAsync(pod);

        pod.Files.RemoveAt(0);
        agent.Reload();

        Assert.Equal(["lease-1"], (await pod.Broker.Releases.NextAsync()).LeaseIds);
        Assert.Equal((null, "2"), (pod.Read("a"), pod.Read("b")));
        Assert.Equal(["kv/b"], (await pod.Broker.Watches.NextAsync()).Secrets.Select(secret => secret.Path));
    }

    [Fact]
    public async Task A_secret_that_is_denied_keeps_the_old_configuration_and_gives_back_what_was_issued_for_the_new_one()
    {
        await using var pod = await OneSecretAsync();
        pod.Broker.Put("kv/b", ("x", "2"));
        var agent = await StartedAsync(pod);

        pod.WantRaw("b", "kv/b", "x");
        pod.WantRaw("c", "kv/none", "x");
        agent.Reload();

        await pod.Log.WaitForAsync($"{Kept}configuration: kv/none is denied: there is nothing at this path yet");
        Assert.Equal(["lease-2"], (await pod.Broker.Releases.NextAsync()).LeaseIds);
        Assert.Null(pod.Read("b"));
        Assert.Equal(["kv/a"], (await pod.Broker.Watches.NextAsync()).Secrets.Select(secret => secret.Path));
        pod.Broker.Put("kv/a", ("x", "3"));
        await pod.Log.WaitForAsync("Generation 2");
        Assert.Equal("3", pod.Read("a"));
        Assert.True((await agent.ReadinessAsync()).Ready);
    }

    [Fact]
    public async Task A_file_that_cannot_be_made_keeps_the_old_configuration()
    {
        await using var pod = await OneSecretAsync();
        var agent = await StartedAsync(pod);

        pod.Files.Add(WatchTests.Template("t", """{{ fail "not so" }}"""));
        agent.Reload();

        Assert.Contains("not so", await pod.Log.WaitForAsync(Kept), StringComparison.Ordinal);
        Assert.Equal(("1", null), (pod.Read("a"), pod.Read("t")));
        await pod.Broker.Watches.NextAsync();
        Assert.DoesNotContain(pod.Broker.Acknowledgements.TakeAll(), said => said.Outcome is Acknowledgement.Types.Outcome.Rejected);
    }

    [Fact]
    public async Task What_needs_a_restart_is_refused_with_its_keys_and_nothing_else_is_used()
    {
        await using var pod = await OneSecretAsync();
        var agent = await StartedAsync(pod);

        pod.OtherMountPath = "/elsewhere";
        pod.Listen = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 1);
        pod.LogOptions = new LogOptions(LogLevel.Error, LogFormat.Json);
        agent.Reload();

        await pod.Log.WaitForAsync($"{Kept}configuration: mountPath and listen cannot change while the agent runs: restart it");
        Assert.Null(agent.LogOptions);
        Assert.Equal(0, pod.Broker.Fetches.Count);
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_read_is_said_once_for_each_wish()
    {
        await using var pod = await OneSecretAsync();
        var agent = await StartedAsync(pod);

        pod.Files.Add(WatchTests.Template("t", "{{ if }}"));
        agent.Reload();
        await pod.Log.WaitForAsync($"{Kept}configuration: template of t:1:");
        pod.Files.RemoveAt(1);
        agent.Reload();
        await pod.Log.WaitForAsync("was read again and has not changed");

        Assert.Equal(1, pod.Log.Count(Kept));
        Assert.Equal(0, pod.Broker.Fetches.Count);
    }

    [Fact]
    public async Task Log_and_notifications_change_without_a_question_to_the_broker()
    {
        await using var pod = await OneSecretAsync();
        var agent = await StartedAsync(pod);
        var generation = pod.Generation();

        pod.LogOptions = new LogOptions(LogLevel.Error, LogFormat.Json);
        Assert.True(Notification.TryParse("signal:HUP:nobody-has-this", out var notification, out _));
        pod.Notify = notification;
        agent.Reload();
        await pod.Log.WaitForAsync(InUse);

        Assert.Equal(pod.LogOptions, agent.LogOptions);
        Assert.Equal((generation, 0), (pod.Generation(), pod.Broker.Fetches.Count));
        pod.Broker.Put("kv/a", ("x", "2"));
        await pod.Log.WaitForAsync("could not be told by signal:HUP:nobody-has-this");
    }

    [Fact]
    public async Task Another_broker_must_answer_before_it_takes_the_old_one_s_place()
    {
        await using var pod = await OneSecretAsync();
        var agent = await StartedAsync(pod);

        pod.BrokerAddress = new Uri("https://localhost:1");
        agent.Reload();
        Assert.Contains("Connection refused", await pod.Log.WaitForAsync($"{Kept}configuration: the broker at https://localhost:1/: "), StringComparison.Ordinal);
        await pod.Broker.Watches.NextAsync();

        pod.BrokerAddress = new Uri(pod.Broker.Address.ToString().Replace("localhost", "127.0.0.1", StringComparison.Ordinal));
        agent.Reload();
        await pod.Log.WaitForAsync($"{InUse}: 1 file, secrets of https://127.0.0.1");
        await pod.Broker.Watches.NextAsync();
        pod.Broker.Put("kv/a", ("x", "2"));
        await pod.Log.WaitForAsync("Generation 2");
        Assert.Equal("2", pod.Read("a"));
    }

    [Fact]
    public async Task Another_identity_is_shown_from_then_on()
    {
        using var directory = TempDirectory.Create();
        await using var pod = await OneSecretAsync();
        var agent = await StartedAsync(pod);
        pod.Broker.Tokens.TakeAll();

        pod.Identity = new TokenFileIdentity(directory.Write("other", "token-of-the-other-file"));
        agent.Reload();
        await pod.Log.WaitForAsync(InUse);
        await pod.Broker.Watches.NextAsync();

        Assert.All(pod.Broker.Tokens.TakeAll(), token => Assert.Equal("token-of-the-other-file", token));
    }

    [Fact]
    public async Task While_the_broker_is_away_it_waits_and_is_used_when_it_is_back()
    {
        await using var pod = await OneSecretAsync();
        var agent = await StartedAsync(pod);
        await pod.Broker.StopAsync();
        await pod.Log.WaitForAsync("The broker is away");

        pod.Files[0] = WatchTests.Template("a", """new {{ (secret "kv/a").Data.x }}""");
        agent.Reload();
        Assert.Equal("1", pod.Read("a"));
        await pod.Broker.StartAsync();
        await pod.Log.WaitForAsync(InUse);

        Assert.Equal("new 1", pod.Read("a"));
        Assert.Equal(0, pod.Log.Count(Kept));
    }

    private static async Task<TestPod> OneSecretAsync()
    {
        var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.Broker.Put("kv/a", ("x", "1"));
        return pod;
    }

    private static async Task<RunningAgent> StartedAsync(TestPod pod)
    {
        var agent = pod.Run();
        foreach (var _ in pod.Files)
            await pod.Broker.Acknowledgements.NextAsync();
        await pod.Broker.Watches.NextAsync();
        return agent;
    }
}
