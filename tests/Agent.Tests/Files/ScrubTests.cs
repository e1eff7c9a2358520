using static SidecarAgent.Agent.Tests.Files.TemporaryMount;

namespace SidecarAgent.Agent.Tests.Files;

public sealed class ScrubTests : IDisposable
{
    private readonly TemporaryMount _mount = new();

    [Fact]
    public void Nothing_of_ours_is_left_and_contents_are_zeros_even_for_who_has_them_open()
    {
        var projection = _mount.Open();
        projection.Write([File("a", "old")], "lease"u8.ToArray());
        projection.Write([File("a", "hunter2", UnixFileMode.UserRead), File("tls/b", new string('s', 10_000))], "lease"u8.ToArray());
        using var file = System.IO.File.OpenRead(_mount["a"]);
        using var large = System.IO.File.OpenRead(_mount["tls/b"]);
        using var manifest = System.IO.File.OpenRead(_mount["..data/..manifest"]);

        projection.Scrub();

        Assert.Empty(_mount.Names());
        Assert.Equal(new byte[7], ReadAll(file));
        Assert.Equal(new byte[10_000], ReadAll(large));
        Assert.Equal(new byte[5], ReadAll(manifest));
        Assert.Null(projection.Current);
        Assert.False(projection.Contains(At("a")));
    }

    [Fact]
    public void Twice_is_as_good_as_once_and_writing_goes_on()
    {
        var projection = _mount.Open();
        projection.Write([File("a", "x")], default);
        projection.Scrub();
        projection.Scrub();

        Assert.Equal(2, projection.Write([File("a", "y")], default).Number);
        Assert.Equal("y", _mount.Read("a"));
    }

    [Fact]
    public void A_current_link_of_somebody_else_does_not_keep_our_files()
    {
        var projection = _mount.Open();
        projection.Write([File("a", "x")], default);
        System.IO.File.Delete(_mount["..data"]);
        System.IO.File.CreateSymbolicLink(_mount["..data"], "/etc");

        projection.Scrub();

        Assert.Equal(["..data"], _mount.Names());
        Assert.True(Directory.Exists("/etc"));
    }

    public void Dispose() => _mount.Dispose();

    private static byte[] ReadAll(FileStream file)
    {
        var content = new byte[file.Length];
        file.ReadExactly(content);
        return content;
    }
}
