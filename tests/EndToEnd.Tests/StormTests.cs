using SidecarAgent.EndToEnd.Tests.Scenes;
using Xunit.Abstractions;

namespace SidecarAgent.EndToEnd.Tests;

public class StormTests(ITestOutputHelper output)
{
    private const string Path = "kv/shop/pair";
    private const int Rotations = 200;

    [Fact]
    public async Task In_two_hundred_rotations_a_reader_never_sees_two_files_of_different_versions()
    {
        await using var scene = await Scene.BeginAsync();
        await PutPairAsync(scene, 0);
        var pod = await scene.RunIdleAsync("orders-0", ("secret-left", $"{Path}#left"), ("secret-right", $"{Path}#right"));

        using var stop = new CancellationTokenSource();
        var reading = Task.Factory.StartNew(
            () => ReadUntilStopped(pod.Mount, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        for (var number = 1; number <= Rotations; number++)
            await PutPairAsync(scene, number);
        await scene.AppliedAsync(Path, Rotations + 1);
        await stop.CancelAsync();
        var (reads, seen) = await reading;

        output.WriteLine($"{reads} reads saw {seen} of {Rotations} versions");
        Assert.Equal($"left-{Rotations:0000000}", pod.Read("left"));
        Assert.True(seen > 1, "the reader saw no change at all");
        await scene.VerifyAuditAsync();
    }

    private static Task PutPairAsync(Scene scene, int number) =>
        scene.PutAsync(Path, ("left", $"left-{number:0000000}"), ("right", $"right-{number:0000000}"));

    /// <summary>Follows ..data once for each pair, as an application does that wants both files of one version.</summary>
    private static (long Reads, int Seen) ReadUntilStopped(string mount, CancellationToken stop)
    {
        var versions = new HashSet<string>();
        var reads = 0L;
        for (; !stop.IsCancellationRequested; reads++)
        {
            var generation = System.IO.Path.Combine(mount, new FileInfo(System.IO.Path.Combine(mount, "..data")).LinkTarget!);
            var left = File.ReadAllText(System.IO.Path.Combine(generation, "left"));
            var right = File.ReadAllText(System.IO.Path.Combine(generation, "right"));
            Assert.Equal(left["left-".Length..], right["right-".Length..]);
            versions.Add(left);
        }

        return (reads, versions.Count);
    }
}
