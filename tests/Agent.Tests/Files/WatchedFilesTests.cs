using SidecarAgent.Agent.Files;
using static SidecarAgent.Agent.Tests.Files.TemporaryMount;

namespace SidecarAgent.Agent.Tests.Files;

/// <summary>Each kind of watcher that programs use learns of a change when it happens, not when the old files go.</summary>
public sealed class WatchedFilesTests : IDisposable
{
    private readonly TemporaryMount _mount = new();
    private readonly Projection _projection;

    public WatchedFilesTests()
    {
        _projection = _mount.Open();
        _projection.Write([File("password", "old"), File("tls/server.crt", "old")], default);
    }

    [Theory]
    [InlineData("password")]
    [InlineData("tls/server.crt")]
    public void A_watcher_on_the_file_sees_it_replaced(string path)
    {
        using var watcher = new Inotify(_mount[path], Inotify.All);
        Change();
        Assert.Contains(watcher.Read(), happened => (happened.Event & Inotify.DeletedSelf) != 0);
    }

    [Fact]
    public void A_watcher_on_the_mount_sees_the_swap()
    {
        using var watcher = new Inotify(_mount.Path, Inotify.MovedTo);
        Change();
        Assert.Equal([(Inotify.MovedTo, "..data")], watcher.Read());
    }

    [Fact]
    public void A_watcher_on_a_directory_below_sees_its_files_replaced()
    {
        using var watcher = new Inotify(_mount["tls"], Inotify.MovedTo);
        Change();
        Assert.Equal([(Inotify.MovedTo, "server.crt")], watcher.Read());
    }

    [Fact]
    public void A_watcher_through_the_current_link_sees_the_change()
    {
        using var watcher = new Inotify(_mount["..data"], Inotify.All);
        Change();
        Assert.Contains((Inotify.MovedTo, "password"), watcher.Read());
    }

    [Fact]
    public void A_watcher_on_the_current_link_itself_sees_it_replaced()
    {
        using var watcher = new Inotify(_mount["..data"], Inotify.All | Inotify.DoNotFollow);
        Change();
        Assert.Contains(watcher.Read(), happened => (happened.Event & Inotify.DeletedSelf) != 0);
    }

    [Fact]
    public void The_old_file_can_still_be_read_with_its_mode_after_its_watchers_were_woken()
    {
        var old = _projection.Current!;
        Change();

        Assert.Equal("old", _mount.Read($"{old.DirectoryName}/password"));
        Assert.Equal(Mode0440, FileOwner.ModeOf(_mount[$"{old.DirectoryName}/password"]));
        Assert.Equal(["password", "tls"], Directory.EnumerateFileSystemEntries(_mount[old.DirectoryName])
            .Select(path => Path.GetFileName(path)!).Where(name => name != "..manifest").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Nobody_is_woken_where_nothing_has_changed()
    {
        using var file = new Inotify(_mount["password"], Inotify.All);
        using var directory = new Inotify(_mount.Path, Inotify.MovedTo);

        _projection.Write([File("password", "old"), File("tls/server.crt", "old")], "another manifest"u8.ToArray());

        Assert.DoesNotContain(file.Read(), happened => (happened.Event & (Inotify.DeletedSelf | Inotify.Attributes)) != 0);
        Assert.Empty(directory.Read());
    }

    [Fact]
    public async Task The_watcher_of_dotnet_sees_the_change()
    {
        var changed = new TaskCompletionSource<string?>();
        using var watcher = new FileSystemWatcher(_mount.Path, "..data");
        watcher.Renamed += (_, happened) => changed.TrySetResult(happened.OldName);
        watcher.EnableRaisingEvents = true;

        Change();

        Assert.Equal("..data_tmp", await changed.Task);
    }

    [Fact]
    public void A_full_volume_still_wakes_watchers_of_files()
    {
        using var volume = new SmallVolume("size=16k");
        var projection = Projection.Open(volume.Directory, group: null, TimeProvider.System);
        projection.Write([File("a", new string('1', 8192))], default);
        using var watcher = new Inotify($"{volume.Path}/a", Inotify.Attributes);

        projection.Write([File("a", new string('2', 8192))], default);

        Assert.Contains(watcher.Read(), happened => happened.Event == Inotify.Attributes);
        Assert.Equal(2, Directory.EnumerateDirectories(volume.Path, "..2*").Count());
    }

    public void Dispose() => _mount.Dispose();

    private void Change() => _projection.Write([File("password", "new"), File("tls/server.crt", "new")], default);
}
