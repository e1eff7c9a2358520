using SidecarAgent.EndToEnd.Tests.Scenes;
using SidecarAgent.V1;

namespace SidecarAgent.EndToEnd.Tests;

/// <summary>kill -9 of the agent, the broker, or both: what was there stays, and nothing is asked for twice.</summary>
public class CrashTests
{
    private const string Path = "kv/shop/orders";

    [Fact]
    public async Task An_agent_that_was_killed_goes_on_with_its_files_and_its_lease()
    {
        await using var scene = await Scene.BeginAsync();
        await scene.PutGeneratedAsync(Path);
        var pod = await scene.RunIdleAsync("orders-0", ("secret-db.json", Path));
        await scene.AppliedAsync(Path, 1);
        var before = await State.OfAsync(scene, pod);

        await pod.KillAgentAsync();

        await pod.ReadyAsync();
        Assert.Equal(before, await State.OfAsync(scene, pod));
        await RotationStillArrivesAsync(scene, pod);
    }

    [Fact]
    public async Task A_broker_that_was_killed_has_forgotten_nothing()
    {
        await using var scene = await Scene.BeginAsync();
        await scene.PutGeneratedAsync(Path);
        var pod = await scene.RunIdleAsync("orders-0", ("secret-db.json", Path));
        await scene.AppliedAsync(Path, 1);
        var before = await State.OfAsync(scene, pod);

        await scene.Installation.Broker.Server.KillAsync();
        await scene.Installation.Broker.Server.StartAsync(scene.Deadline);

        await ConnectedAsync(scene);
        Assert.Equal(before, await State.OfAsync(scene, pod));
        Assert.Equal(0, pod.Agent.Restarts);
        await RotationStillArrivesAsync(scene, pod);
    }

    [Fact]
    public async Task Both_killed_at_once_find_each_other_again_and_go_on()
    {
        await using var scene = await Scene.BeginAsync();
        await scene.PutGeneratedAsync(Path);
        var pod = await scene.RunIdleAsync("orders-0", ("secret-db.json", Path));
        await scene.AppliedAsync(Path, 1);
        var before = await State.OfAsync(scene, pod);

        await Task.WhenAll(scene.Installation.Broker.Server.KillAsync(), pod.KillAgentAsync());
        Assert.Equal(before.Content, pod.Read("db.json"));
        await scene.Installation.Broker.Server.StartAsync(scene.Deadline);

        await ConnectedAsync(scene);
        Assert.Equal(before, await State.OfAsync(scene, pod));
        await RotationStillArrivesAsync(scene, pod);
    }

    [Fact]
    public async Task Killed_again_and_again_in_the_middle_of_rotations_the_pod_ends_up_with_the_last_version()
    {
        await using var scene = await Scene.BeginAsync();
        await scene.PutGeneratedAsync(Path);
        var pod = await scene.RunIdleAsync("orders-0", ("secret-db.json", Path));

        var version = 1UL;
        for (var round = 0; round < 10; round++)
        {
            version = await scene.RotateAsync(Path);
            var killed = pod.KillAgentAsync();
            Assert.NotEmpty(pod.Read("db.json"));
            await killed;
        }

        await scene.AppliedAsync(Path, version);
        var stored = await scene.Admin.GetSecretAsync(
            new GetSecretRequest { Path = Path, Reveal = true }, cancellationToken: scene.Deadline);
        Assert.Contains(stored.Fields.Single(field => field.Name == "password").Value.ToStringUtf8(), pod.Read("db.json"), StringComparison.Ordinal);
        await scene.VerifyAuditAsync();
    }

    [Fact]
    public async Task A_change_that_was_made_just_before_the_broker_died_is_not_lost()
    {
        await using var scene = await Scene.BeginAsync();
        await scene.PutGeneratedAsync(Path);
        var pod = await scene.RunIdleAsync("orders-0", ("secret-db.json", Path));

        var version = await scene.RotateAsync(Path);
        await scene.Installation.Broker.Server.KillAsync();
        await scene.Installation.Broker.Server.StartAsync(scene.Deadline);

        await scene.AppliedAsync(Path, version);
        await scene.VerifyAuditAsync();
    }

    private static Task ConnectedAsync(Scene scene) =>
        scene.EventuallyAsync("the agent watches again", async () => await scene.HoldersAsync(Path) is [{ Connected: true }]);

    private static async Task RotationStillArrivesAsync(Scene scene, ScenePod pod)
    {
        var before = pod.Read("db.json");
        await scene.AppliedAsync(Path, await scene.RotateAsync(Path));
        Assert.NotEqual(before, pod.Read("db.json"));
        await scene.VerifyAuditAsync();
    }

    /// <summary>What a crash must not change.</summary>
    private sealed record State(
        string Content, string Generation, string LeaseId, ulong Version, Acknowledgement.Types.Outcome Outcome, int Issues)
    {
        public static async Task<State> OfAsync(Scene scene, ScenePod pod)
        {
            var holder = await scene.HolderAsync(Path);
            return new State(
                pod.Read("db.json"), pod.Generation, holder.LeaseId, holder.Version, holder.Outcome, scene.Issues(Path));
        }

        /// <summary>Without the content: it goes into the failure's message.</summary>
        public override string ToString() => $"{Generation}, lease {LeaseId}, version {Version} {Outcome}, issued {Issues} times";
    }
}
