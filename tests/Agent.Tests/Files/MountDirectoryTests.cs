using SidecarAgent.Agent.Files;

namespace SidecarAgent.Agent.Tests.Files;

public sealed class MountDirectoryTests : IDisposable
{
    private readonly TemporaryMount _mount = new();

    [Theory]
    [InlineData("secrets")]
    [InlineData("")]
    [InlineData("/dev/shm/../shm")]
    [InlineData("/dev//shm")]
    [InlineData("/dev/shm/")]
    public void A_path_must_be_absolute_and_in_its_shortest_form(string path) => AssertRefused(path, "not an absolute path");

    [Fact]
    public void A_path_that_is_not_there_is_refused_with_advice() =>
        AssertRefused(_mount["missing"], "does not exist: mount a memory volume there (emptyDir with medium: Memory)");

    [Fact]
    public void A_file_is_refused()
    {
        File.WriteAllText(_mount["file"], "");
        AssertRefused(_mount["file"], "is not a directory");
    }

    [Fact]
    public void A_link_is_refused_even_if_it_leads_to_a_good_directory()
    {
        Directory.CreateDirectory(_mount["good"]);
        File.CreateSymbolicLink(_mount["link"], _mount["good"]);
        AssertRefused(_mount["link"], "is a symbolic link: give the directory itself");
    }

    [Fact]
    public void A_disk_is_refused_and_the_risk_is_named()
    {
        using var disk = new DiskDirectory();
        AssertRefused(disk.Path, "not on tmpfs: secrets would be written to a disk and outlive the pod");
        AssertRefused(disk.Path, "--allow-disk");
    }

    [Fact]
    public void A_disk_works_where_it_is_allowed()
    {
        using var disk = new DiskDirectory();
        using var mount = MountDirectory.Open(disk.Path, allowDisk: true);
        Assert.False(mount.IsMemory);

        var projection = Projection.Open(mount, group: null, TimeProvider.System);
        projection.Write([TemporaryMount.File("tls/a", "one")], default);
        projection.Write([TemporaryMount.File("tls/a", "two")], "m"u8.ToArray());

        Assert.Equal("two", File.ReadAllText($"{disk.Path}/tls/a"));
        projection.Scrub();
        Assert.Empty(Directory.EnumerateFileSystemEntries(disk.Path));
    }

    [Fact]
    public void Only_one_agent_may_write_at_a_time()
    {
        _mount.Directory.Claim();
        using (var other = MountDirectory.Open(_mount.Path, allowDisk: false))
        {
            var error = Assert.Throws<MountException>(() => Projection.Open(other, group: null, TimeProvider.System));
            Assert.Contains("another agent is writing", error.Message, StringComparison.Ordinal);
        }

        _mount.Restart();
    }

    [Fact]
    public void A_mount_that_is_replaced_behind_our_back_is_still_the_one_that_was_checked()
    {
        var inner = Directory.CreateDirectory(_mount["inner"]).FullName;
        var elsewhere = Directory.CreateDirectory(_mount["elsewhere"]).FullName;
        using var mount = MountDirectory.Open(inner, allowDisk: false);
        Directory.Move(inner, _mount["moved"]);
        File.CreateSymbolicLink(inner, elsewhere);

        Projection.Open(mount, group: null, TimeProvider.System).Write([TemporaryMount.File("a", "one")], default);

        Assert.Empty(Directory.EnumerateFileSystemEntries(elsewhere));
        Assert.Equal("one", _mount.Read("moved/a"));
    }

    public void Dispose() => _mount.Dispose();

    private static void AssertRefused(string path, string reason) => Assert.Contains(
        reason, Assert.Throws<MountException>(() => MountDirectory.Open(path, allowDisk: false)).Message, StringComparison.Ordinal);

    /// <summary>Below /var/tmp, which is on no memory file system by its definition.</summary>
    private sealed class DiskDirectory : IDisposable
    {
        public string Path { get; } = Directory.CreateDirectory($"/var/tmp/sidecar-agent-{Guid.NewGuid():N}").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
