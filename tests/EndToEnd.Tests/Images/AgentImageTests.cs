using Mono.Unix.Native;
using SidecarAgent.EndToEnd.Tests.Scenes;
using SidecarAgent.Quickstart.Installation;
using SidecarAgent.Testing;

namespace SidecarAgent.EndToEnd.Tests.Images;

/// <summary>The agent in a real container: nothing is there but what the image holds.</summary>
public class AgentImageTests(AgentImage image) : IClassFixture<AgentImage>
{
    /// <summary>Of layers on disk, in bytes: 20 MB are the target, the rest is for other distributions' libraries.</summary>
    private const long Largest = 22_000_000;

    private const UnixFileMode ReadableByAll = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    [Fact]
    public async Task The_image_names_its_user_is_small_and_its_program_runs()
    {
        Assert.Equal($"{AgentImage.User}:{AgentImage.User}", await image.InspectAsync("{{.Config.User}}"));
        Assert.Equal("[/sidecar-agent]", await image.InspectAsync("{{.Config.Entrypoint}}"));
        Assert.InRange(long.Parse(await image.InspectAsync("{{.Size}}"), System.Globalization.CultureInfo.InvariantCulture), 1, Largest);

        var version = await image.RunAsync([], "version");

        Assert.True(version.ExitCode == 0, version.Output);
        Assert.Matches(@"^\d+\.\d+\.\d+", version.Output);
    }

    [Fact]
    public async Task An_ordinary_user_without_capabilities_gets_its_files_on_a_read_only_root()
    {
        await using var scene = await Scene.BeginAsync();
        await scene.PutAsync("kv/shop/orders", ("password", "a value for the container"));
        using var pod = TempDirectory.CreateInMemory();
        var secrets = MakeVolume(pod, "secrets", UnixFileMode.StickyBit | (UnixFileMode)0b_111_111_111);
        var settings = MakeVolume(pod, "settings", (UnixFileMode)0b_111_101_101);
        WriteReadable(pod, "settings/ca.crt", await File.ReadAllTextAsync(scene.Installation.Broker.CaFile));
        WriteReadable(pod, "settings/token", await scene.Installation.Issuer.IssueAsync(
            PodRunner.Some.Pod, DevelopmentIssuer.Audience, TimeSpan.FromMinutes(10), scene.Deadline));
        WriteReadable(pod, "settings/agent.json", $$"""
            {
              "broker": { "address": "{{scene.Installation.Broker.Address.AbsoluteUri}}", "caFile": "/settings/ca.crt" },
              "identity": { "tokenFile": "/settings/token" },
              "mountPath": "/secrets",
              "files": [ { "file": "password", "secret": "kv/shop/orders", "field": "password", "format": "raw" } ]
            }
            """);

        var init = await image.RunAsync(
            [$"{settings}:/settings:ro", $"{secrets}:/secrets"], "init", "--config", "/settings/agent.json");

        Assert.True(init.ExitCode == 0, init.Output);
        var file = Path.Combine(secrets, "password");
        Assert.Equal("a value for the container", await File.ReadAllTextAsync(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead, File.GetUnixFileMode(file));
        Assert.Equal(0, Syscall.stat(file, out var stat));
        Assert.Equal(AgentImage.FileOwner, (int)stat.st_uid);
        Assert.DoesNotContain("a value for the container", init.Output, StringComparison.Ordinal);
    }

    private static string MakeVolume(TempDirectory pod, string name, UnixFileMode mode)
    {
        var path = Directory.CreateDirectory(pod.File(name)).FullName;
        // Not at its making, where the process's umask would take bits away.
        File.SetUnixFileMode(path, mode);
        return path;
    }

    private static void WriteReadable(TempDirectory pod, string name, string text) =>
        File.SetUnixFileMode(pod.Write(name, text), ReadableByAll);
}
