using Grpc.Core;
using SidecarAgent.Agent.Connection;
using SidecarAgent.Agent.Sync;
using SidecarAgent.Agent.Tests.FakeBroker;
using SidecarAgent.Testing;

namespace SidecarAgent.Agent.Tests.Sync;

/// <summary>The broker goes away, comes back, refuses: the files stay, and nothing becomes a storm.</summary>
[Collection(nameof(AgentsInTurn))]
public sealed class BrokerAwayTests
{
    [Fact]
    public async Task The_files_stay_and_what_changed_is_caught_up_with()
    {
        await using var pod = await OneSecretAsync();
        var agent = pod.Run();
        await pod.Broker.Acknowledgements.NextAsync();

        await pod.Broker.StopAsync();
        await pod.Log.WaitForAsync("The broker is away");
        Assert.Equal("1", pod.Read("a"));
        var away = await agent.ReadinessAsync();
        Assert.Equal((true, "away"), (away.Ready, away.Broker));

        pod.Broker.Put("kv/a", ("x", "2"));
        await pod.Broker.StartAsync();
        await pod.Broker.Acknowledgements.NextAsync();
        Assert.Equal("2", pod.Read("a"));
        Assert.Equal(1, pod.Log.Count("The broker is away"));
        Assert.Equal(1, pod.Log.Count("The broker is back"));
        Assert.False(agent.Running.IsCompleted);
    }

    [Fact]
    public async Task Attempts_are_a_second_apart_at_first_and_never_more_than_five()
    {
        var time = new ArmedTime();
        await using var pod = await OneSecretAsync();
        pod.Time = time;
        pod.Broker.Refuse(Broker(StatusCode.Unavailable, "STORAGE_UNAVAILABLE"));
        pod.Run();

        for (var attempt = 1; attempt <= 8; attempt++)
        {
            await pod.Broker.Tokens.NextAsync();
            var pause = await time.ArmedAsync(due => due >= TimeSpan.FromSeconds(1) && due <= Backoff.Longest);
            Assert.InRange(pause, TimeSpan.FromSeconds(attempt < 4 ? 1 : 1.5), TimeSpan.FromSeconds(3));
            time.Advance(pause);
        }
    }

    [Fact]
    public async Task The_delay_that_the_broker_asks_for_is_obeyed()
    {
        var time = new ArmedTime();
        await using var pod = await OneSecretAsync();
        pod.Time = time;
        pod.Broker.Refuse(Broker(StatusCode.ResourceExhausted, "TOO_MANY_REQUESTS", TimeSpan.FromSeconds(20)));
        pod.Run();

        await pod.Broker.Tokens.NextAsync();
        var pause = await time.ArmedAsync(
            due => due > TimeSpan.FromSeconds(10) && due < TimeSpan.FromMinutes(1) && due != Handover.SupersededStayFor);

        Assert.InRange(pause, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(22));
        await pod.Log.WaitForAsync("TOO_MANY_REQUESTS: because of TOO_MANY_REQUESTS");
        pod.Broker.Refuse(null);
        time.Advance(pause);
        await pod.Broker.Acknowledgements.NextAsync();
    }

    [Fact]
    public async Task When_the_token_expires_the_watch_is_opened_again_with_the_new_one()
    {
        await using var pod = await OneSecretAsync();
        pod.Run();
        await pod.Broker.Acknowledgements.NextAsync();
        Assert.All(pod.Broker.Tokens.TakeAll(), token => Assert.Equal("token-1", token));
        await pod.Broker.Watches.NextAsync();

        pod.Token = "token-2";
        pod.Broker.EndWatches(StatusCode.Unauthenticated, BrokerProblem.TokenExpired);

        var asked = Assert.Single((await pod.Broker.Watches.NextAsync()).Secrets);
        Assert.Equal(("lease-1", 1ul), (asked.LeaseId, asked.HeldVersion));
        Assert.Equal("token-2", await pod.Broker.Tokens.NextAsync());
        Assert.Equal(0, pod.Log.Count("The broker is away"));
    }

    [Fact]
    public async Task A_token_that_is_not_there_yet_is_waited_for()
    {
        await using var pod = await OneSecretAsync();
        File.Delete(pod.TokenFile);
        pod.Run();

        Assert.Contains(pod.TokenFile, await pod.Log.WaitForAsync("token:"), StringComparison.Ordinal);
        pod.Token = "token-3";
        await pod.Broker.Acknowledgements.NextAsync();

        Assert.Equal("1", pod.Read("a"));
    }

    [Fact]
    public async Task A_broker_of_another_ca_gets_no_token_and_the_log_says_why()
    {
        await using var pod = await OneSecretAsync();
        using var foreign = TempDirectory.Create();
        using var other = new TestCertificates(foreign.FullName);
        File.Copy(other.CaFile, pod.CaFile, overwrite: true);
        pod.Run();

        await pod.Log.WaitForAsync("the broker's certificate is not trusted");

        Assert.Equal(0, pod.Broker.Tokens.Count);
    }

    [Fact]
    public async Task Files_that_cannot_be_written_are_rejected_and_tried_again_after_a_while()
    {
        var time = new ArmedTime();
        await using var pod = await OneSecretAsync();
        pod.Time = time;
        var inTheWay = Path.Combine(pod.MountPath, "a");
        await File.WriteAllTextAsync(inTheWay, "somebody else's");
        pod.Run();

        Assert.Equal(V1.Acknowledgement.Types.Outcome.Rejected, (await pod.Broker.Acknowledgements.NextAsync()).Outcome);
        await pod.Log.WaitForAsync("The broker knows");
        Assert.Equal("somebody else's", pod.Read("a"));
        File.Delete(inTheWay);
        var applied = await time.PassUntilAsync(
            pod.Broker.Acknowledgements.NextAsync(), due => due > TimeSpan.Zero && due <= TimeSpan.FromSeconds(10));

        Assert.Equal(V1.Acknowledgement.Types.Outcome.Applied, applied.Outcome);
        Assert.Equal("1", pod.Read("a"));
    }

    [Fact]
    public async Task While_a_set_cannot_be_written_news_counts_at_once_and_what_was_revoked_goes()
    {
        var time = new ArmedTime();
        await using var pod = await OneSecretAsync();
        pod.Time = time;
        pod.WantRaw("b", "kv/b", "x");
        pod.Broker.Put("kv/b", ("x", "2"));
        pod.Run();
        await pod.Log.WaitForAsync("The broker knows what became of 2 versions");
        pod.Broker.Acknowledgements.TakeAll();
        // Something of somebody else's in the way of the link is why nothing can be written.
        Directory.CreateDirectory(Path.Combine(pod.MountPath, "..data_tmp"));
        pod.Broker.Put("kv/a", ("x", "3"));
        Assert.Equal(V1.Acknowledgement.Types.Outcome.Rejected, (await pod.Broker.Acknowledgements.NextAsync()).Outcome);

        pod.Broker.TakeAway(new V1.SecretUpdate { Path = "kv/b", Revoked = new V1.Revoked { Message = "an operator said so" } });

        // No time passes here.
        await pod.Log.WaitForAsync("it was removed from the current one: b");
        Assert.Equal(("1", null), (pod.Read("a"), pod.Read("b")));
        Directory.Delete(Path.Combine(pod.MountPath, "..data_tmp"));
        await time.PassUntilAsync(pod.Log.WaitForAsync("Generation 2"), due => due > TimeSpan.Zero && due <= TimeSpan.FromSeconds(10));
        Assert.Equal(("3", null), (pod.Read("a"), pod.Read("b")));
    }

    private static RpcException Broker(StatusCode code, string reason, TimeSpan? retryAfter = null) =>
        FakeBroker.FakeBroker.Error(code, reason, retryAfter);

    private static async Task<TestPod> OneSecretAsync()
    {
        var pod = await TestPod.StartAsync();
        pod.WantRaw("a", "kv/a", "x");
        pod.Broker.Put("kv/a", ("x", "1"));
        return pod;
    }
}
