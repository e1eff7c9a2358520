using SidecarAgent.Agent.Files;
using static SidecarAgent.Agent.Tests.Files.TemporaryMount;

namespace SidecarAgent.Agent.Tests.Files;

public sealed class FullVolumeTests
{
    private static readonly string Page = new('x', 4096);

    [Fact]
    public void A_set_that_does_not_fit_is_refused_before_anything_is_written()
    {
        using var volume = new SmallVolume("size=64k");
        var projection = Projection.Open(volume.Directory, group: null, TimeProvider.System);
        var first = projection.Write([File("a", "old")], "m"u8.ToArray());
        var names = Names(volume);

        var error = Assert.Throws<MountException>(() => projection.Write([.. Pages(20)], "m"u8.ToArray()));

        Assert.Contains($"is full: the files need {21 * 4096} bytes and {(16 - 2) * 4096} are free", error.Message, StringComparison.Ordinal);
        Assert.Contains("sidecar-agent.io/volume-size", error.Message, StringComparison.Ordinal);
        Assert.Equal(first, projection.Current);
        Assert.Equal(names, Names(volume));
        Assert.Equal("old", System.IO.File.ReadAllText($"{volume.Path}/a"));
    }

    [Fact]
    public void A_volume_without_inodes_is_told_from_one_without_bytes()
    {
        using var volume = new SmallVolume("size=1m,nr_inodes=20");
        var projection = Projection.Open(volume.Directory, group: null, TimeProvider.System);

        var error = Assert.Throws<MountException>(() => projection.Write([.. Pages(20)], default));

        Assert.Contains("inodes", error.Message, StringComparison.Ordinal);
        Assert.Empty(Names(volume));
    }

    [Fact]
    public void Room_that_vanishes_while_files_are_written_leaves_the_old_set_and_no_half_one()
    {
        using var volume = new SmallVolume("size=64k");
        var projection = Projection.Open(volume.Directory, group: null, TimeProvider.System);
        var first = projection.Write([File("a", "old")], default);
        var names = Names(volume);
        var plan = new GenerationPlan(
            first, Generation.Create(2, first.Written), [.. Pages(4)], default, Mono.Unix.Native.Syscall.getegid());
        var steps = new GenerationSwap(volume.Directory, plan).Steps().ToList();
        steps[0].Run();
        steps[1].Run();
        System.IO.File.WriteAllText($"{volume.Path}/somebody-else", string.Concat(Enumerable.Repeat(Page, 13)));

        var error = Assert.Throws<MountException>(() => steps.Skip(2).ToList().ForEach(step => step.Run()));

        Assert.True(error.IsFull);
        Assert.Equal(first, projection.Write([File("a", "old")], default));
        Assert.Equal(names.Append("somebody-else"), Names(volume));
        Assert.Equal("old", System.IO.File.ReadAllText($"{volume.Path}/a"));
    }

    [Fact]
    public void Superseded_generations_make_room_but_the_latest_of_them_stays()
    {
        using var volume = new SmallVolume("size=64k");
        var projection = Projection.Open(volume.Directory, group: null, TimeProvider.System);
        for (var i = 0; i < 10; i++)
            projection.Write([.. Pages(4, (char)('a' + i))], default);

        Assert.Equal(4, Generations(volume).Count);

        var error = Assert.Throws<MountException>(() => projection.Write([.. Pages(9)], default));
        Assert.Contains("is full", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, Generations(volume).Count);
        Assert.StartsWith("jjjj", System.IO.File.ReadAllText($"{volume.Path}/f0"), StringComparison.Ordinal);

        Assert.Equal(1, projection.RemoveSuperseded(TimeSpan.Zero));
        projection.Write([.. Pages(9)], default);
        Assert.StartsWith("xxxx", System.IO.File.ReadAllText($"{volume.Path}/f8"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_manifest_that_does_not_fit_leaves_the_old_one()
    {
        using var volume = new SmallVolume("size=16k");
        var projection = Projection.Open(volume.Directory, group: null, TimeProvider.System);
        projection.Write([File("a", "x")], "old"u8.ToArray());

        Assert.Throws<MountException>(() => projection.Write([File("a", "x")], new byte[20 * 1024]));

        Assert.Equal("old"u8.ToArray(), projection.ReadManifest());
        Assert.Equal(["..manifest", "a"], Directory.EnumerateFiles($"{volume.Path}/..data/").Select(Path.GetFileName).Order());
    }

    private static IEnumerable<ProjectedFile> Pages(int count, char fill = 'x') =>
        Enumerable.Range(0, count).Select(i => File($"f{i}", new string(fill, 4096)));

    private static List<string> Names(SmallVolume volume) =>
        [.. Directory.EnumerateFileSystemEntries(volume.Path).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    private static List<string> Generations(SmallVolume volume) => [.. Names(volume).Where(name => Generation.TryParse(name, out _))];
}
