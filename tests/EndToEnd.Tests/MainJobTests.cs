using System.Text.Json.Nodes;
using SidecarAgent.EndToEnd.Tests.Scenes;
using SidecarAgent.V1;

namespace SidecarAgent.EndToEnd.Tests;

public class MainJobTests
{
    private const string Path = "kv/shop/orders";

    [Fact]
    public async Task An_annotated_pod_gets_its_secret_as_a_file_and_a_rotation_reaches_it()
    {
        await using var scene = await Scene.BeginAsync();
        await scene.PutGeneratedAsync(Path);
        var pod = await scene.RunOrdersAsync("orders-0", ("secret-db.json", Path), ("notify", "http:8080/-/reload"));

        var first = Password(pod.Read("db.json"));
        Assert.Equal(32, first.Length);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.GroupRead,
            File.GetUnixFileMode(System.IO.Path.Combine(pod.Mount, "db.json")));
        await pod.Application.Output.WaitForAsync(Says("read /secrets/db.json: username=orders-app, password of 32 characters"), 0, scene.Deadline);

        var version = await scene.RotateAsync(Path);

        await scene.AppliedAsync(Path, version);
        Assert.NotEqual(first, Password(pod.Read("db.json")));
        // Acknowledged after the notification: it has been said by now.
        Assert.Contains(pod.Application.Output.Tail, line => line.Text.StartsWith("told to reload: read ", StringComparison.Ordinal));
        Assert.Equal(version, await pod.MetricAsync("sidecar_agent_secret_version"));
        await scene.VerifyAuditAsync();

        Func<string, bool> Says(string expected) => text => pod.Application.Mounts.ToContainer(text) == expected;
    }

    [Fact]
    public async Task A_workload_that_is_cut_off_loses_its_files_and_gets_them_back_when_that_is_lifted()
    {
        await using var scene = await Scene.BeginAsync();
        await scene.PutGeneratedAsync(Path);
        var pod = await scene.RunIdleAsync("orders-0", ("secret-db.json", Path));

        var revoked = await scene.Admin.RevokeAsync(
            new RevokeRequest { Target = new Target { Workload = "shop/orders" }, Reason = "a drill" },
            cancellationToken: scene.Deadline);

        Assert.Equal(1u, revoked.LeasesEnded);
        Assert.Equal(1u, revoked.HoldersTold);
        await scene.EventuallyAsync("the file is gone", () => !pod.Has("db.json"));
        Assert.Empty(Directory.EnumerateFiles(pod.Mount, "db.json", SearchOption.AllDirectories));

        await scene.Admin.LiftCutOffAsync(new LiftCutOffRequest { Id = revoked.CutOffId }, cancellationToken: scene.Deadline);

        await scene.EventuallyAsync("the file is back", () => pod.Has("db.json"));
        await scene.VerifyAuditAsync();
    }

    [Fact]
    public async Task At_the_end_the_lease_is_released_and_the_files_are_scrubbed()
    {
        await using var scene = await Scene.BeginAsync();
        await scene.PutGeneratedAsync(Path);
        var pod = await scene.RunIdleAsync("orders-0", ("secret-db.json", Path));
        await scene.AppliedAsync(Path, 1);

        await pod.Local.Run.StopAsync();

        Assert.Equal(0, await pod.Agent.Completion);
        Assert.Empty(Directory.EnumerateFiles(pod.Mount, "db.json", SearchOption.AllDirectories));
        Assert.Empty(await scene.HoldersAsync(Path));
    }

    private static string Password(string json) => (string)JsonNode.Parse(json)!["password"]!;
}
