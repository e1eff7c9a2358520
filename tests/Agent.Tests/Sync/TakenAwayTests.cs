using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Tests.FakeBroker;
using SidecarAgent.V1;
using Reason = SidecarAgent.V1.Denied.Types.Reason;

namespace SidecarAgent.Agent.Tests.Sync;

/// <summary>What becomes of files whose secret the broker takes away.</summary>
[Collection(nameof(AgentsInTurn))]
public sealed class TakenAwayTests
{
    public static TheoryData<string> Ways => ["revoked", "no grant", "cut off"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_files_go_at_once_and_come_back_with_the_secret(string way)
    {
        await using var pod = await TwoSecretsAsync(OnRevoke.Delete);
        var agent = pod.Run();
        await AppliedAsync(pod, 2);

        pod.Broker.TakeAway(Update("kv/a", way));
        await pod.Log.WaitForAsync("Generation 2");

        Assert.Null(pod.Read("a"));
        Assert.Equal("2", pod.Read("b"));
        Assert.Single(Directory.EnumerateDirectories(pod.MountPath, "..2*"));
        var readiness = await agent.ReadinessAsync(status => !status.Ready);
        Assert.Contains(readiness.Problems, problem => problem.StartsWith("kv/a: ", StringComparison.Ordinal));

        pod.Broker.Put("kv/a", ("x", "3"));
        await AppliedAsync(pod, 1);
        Assert.Equal(("3", "2"), (pod.Read("a"), pod.Read("b")));
        Assert.True((await agent.ReadinessAsync()).Ready);
    }

    [Fact]
    public async Task With_keep_the_files_stay_and_the_status_says_so()
    {
        await using var pod = await TwoSecretsAsync(OnRevoke.Keep);
        var agent = pod.Run();
        await AppliedAsync(pod, 2);

        pod.Broker.TakeAway(Update("kv/a", "revoked"));
        await pod.Log.WaitForAsync("kv/a was revoked");
        pod.Broker.Put("kv/b", ("x", "3"));
        await AppliedAsync(pod, 1);

        Assert.Equal(("1", "3"), (pod.Read("a"), pod.Read("b")));
        Assert.Contains("kv/a: REVOKED", Assert.Single((await agent.ReadinessAsync(status => !status.Ready)).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_merely_not_there_any_longer_keeps_its_files()
    {
        await using var pod = await TwoSecretsAsync(OnRevoke.Delete);
        var agent = pod.Run();
        await AppliedAsync(pod, 2);

        pod.Broker.TakeAway(Update("kv/a", "not found"));
        await pod.Log.WaitForAsync("kv/a is denied (NOT_FOUND)");

        Assert.Equal("1", pod.Read("a"));
        Assert.Contains("NOT_FOUND", Assert.Single((await agent.ReadinessAsync(status => !status.Ready)).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_all_is_revoked_no_file_is_left()
    {
        await using var pod = await TwoSecretsAsync(OnRevoke.Delete);
        pod.Run();
        await AppliedAsync(pod, 2);

        pod.Broker.TakeAway(Update("kv/a", "revoked"));
        await pod.Log.WaitForAsync("Generation 2");
        pod.Broker.TakeAway(Update("kv/b", "revoked"));
        await pod.Log.WaitForAsync("Generation 3");

        Assert.DoesNotContain(
            Directory.EnumerateFiles(pod.MountPath, "*", SearchOption.AllDirectories), file => !Path.GetFileName(file).StartsWith('.'));
    }

    [Fact]
    public async Task An_agent_that_starts_again_after_it_asks_only_for_what_it_lacks()
    {
        await using var pod = await TwoSecretsAsync(OnRevoke.Delete);
        var agent = pod.Run();
        await AppliedAsync(pod, 2);
        pod.Broker.TakeAway(Update("kv/a", "revoked"));
        await pod.Log.WaitForAsync("Generation 2");
        await agent.CrashAsync();
        pod.Broker.Watches.TakeAll();

        pod.Run();

        var asked = (await pod.Broker.Watches.NextAsync()).Secrets;
        Assert.Equal([("kv/a", 0ul), ("kv/b", 1ul)], asked.Select(secret => (secret.Path, secret.HeldVersion)));
        pod.Broker.Put("kv/a", ("x", "back"));
        // What is on disk still is acknowledged once more.
        await AppliedAsync(pod, 2);
        Assert.Equal(("back", "2"), (pod.Read("a"), pod.Read("b")));
    }

    private static async Task<TestPod> TwoSecretsAsync(OnRevoke onRevoke)
    {
        var pod = await TestPod.StartAsync();
        pod.OnRevoke = onRevoke;
        pod.WantRaw("a", "kv/a", "x");
        pod.WantRaw("b", "kv/b", "x");
        pod.Broker.Put(("kv/a", [("x", "1")]), ("kv/b", [("x", "2")]));
        return pod;
    }

    private static async Task AppliedAsync(TestPod pod, int count)
    {
        for (var acknowledgement = 0; acknowledgement < count; acknowledgement++)
            Assert.Equal(Acknowledgement.Types.Outcome.Applied, (await pod.Broker.Acknowledgements.NextAsync()).Outcome);
    }

    private static SecretUpdate Update(string path, string way) => way switch
    {
        "revoked" => new SecretUpdate { Path = path, Revoked = new Revoked { Message = "an operator said so" } },
        "no grant" => new SecretUpdate { Path = path, Denied = new Denied { Reason = Reason.NoGrant, Message = "no policy grants it" } },
        "cut off" => new SecretUpdate { Path = path, Denied = new Denied { Reason = Reason.CutOff, Message = "the pod is cut off" } },
        _ => new SecretUpdate { Path = path, Denied = new Denied { Reason = Reason.NotFound, Message = "it is gone" } },
    };
}
