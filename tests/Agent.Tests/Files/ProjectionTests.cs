using SidecarAgent.Agent.Files;
using static SidecarAgent.Agent.Tests.Files.TemporaryMount;

namespace SidecarAgent.Agent.Tests.Files;

public sealed class ProjectionTests : IDisposable
{
    private const UnixFileMode Mode0750 = (UnixFileMode)0b111_101_000;
    private const UnixFileMode Mode0755 = (UnixFileMode)0b111_101_101;
    private const UnixFileMode Mode0444 = (UnixFileMode)0b100_100_100;

    private readonly TemporaryMount _mount = new();

    [Fact]
    public void Files_are_links_through_the_current_generation()
    {
        var generation = _mount.Open().Write([File("password", "hunter2"), File("tls/server.crt", "CERT"), File("tls/server.key", "KEY")], default);

        Assert.Equal(1, generation.Number);
        Assert.Equal("..data/password", _mount.LinkTarget("password"));
        Assert.Equal("..data/tls", _mount.LinkTarget("tls"));
        Assert.Equal(generation.DirectoryName, _mount.LinkTarget("..data"));
        Assert.Equal([generation.DirectoryName, "..data", "password", "tls"], _mount.Names());
        Assert.Equal(["hunter2", "CERT", "KEY"], new[] { "password", "tls/server.crt", "tls/server.key" }.Select(_mount.Read));
    }

    [Theory]
    [InlineData("0440")]
    [InlineData("0400")]
    [InlineData("0444")]
    [InlineData("0600")]
    [InlineData("0755")]
    public void A_file_has_the_mode_that_was_asked_for(string octal)
    {
        var mode = (UnixFileMode)Convert.ToInt32(octal, 8);
        _mount.Open().Write([File("a/b", "x", mode)], default);
        Assert.Equal(mode, FileOwner.ModeOf(_mount["a/b"]));
    }

    [Fact]
    public void Others_get_into_a_directory_only_where_a_file_below_lets_them_in()
    {
        _mount.Open().Write([File("open/deep/a", "x", Mode0444), File("closed/b", "x"), File("open/too/c", "x")], default);

        Assert.Equal(Mode0755, FileOwner.ModeOf(_mount["..data/."]));
        Assert.Equal(Mode0755, FileOwner.ModeOf(_mount["open/."]));
        Assert.Equal(Mode0755, FileOwner.ModeOf(_mount["open/deep"]));
        Assert.Equal(Mode0750, FileOwner.ModeOf(_mount["open/too"]));
        Assert.Equal(Mode0750, FileOwner.ModeOf(_mount["closed/."]));

        _mount.Open().Write([File("closed/b", "x")], default);
        Assert.Equal(Mode0750, FileOwner.ModeOf(_mount["..data/."]));
    }

    [Fact]
    public void Files_and_directories_belong_to_the_group()
    {
        var group = FileOwner.AnotherGroupOfOurs();
        Projection.Open(_mount.Directory, group, TimeProvider.System).Write([File("tls/a", "x"), File("b", "")], "m"u8.ToArray());

        foreach (var name in new[] { "..data/.", "tls/.", "tls/a", "b", "..data/..manifest" })
            Assert.Equal(group, FileOwner.GroupOf(_mount[name]));
    }

    [Fact]
    public void A_group_that_the_agent_may_not_give_is_named_and_nothing_is_left_behind()
    {
        // In a user namespace of its own a process has one group only, even if it is the superuser's outside.
        using var host = new HostProcess(["unshare", "--map-root-user"], ["write-for-group", _mount.Path, "4000000"]);

        Assert.Contains("cannot give group 4000000 to ", host.ReadLine(), StringComparison.Ordinal);
        Assert.Equal(1, host.WaitForExit());
        Assert.Empty(_mount.Names());
    }

    [Fact]
    public void An_empty_file_is_a_file()
    {
        _mount.Open().Write([File("empty", "")], default);
        Assert.Equal("", _mount.Read("empty"));
    }

    [Fact]
    public void No_files_at_all_are_a_set_too()
    {
        var projection = _mount.Open();
        projection.Write([File("a", "x")], default);

        var generation = projection.Write([], "gone"u8.ToArray());

        Assert.Equal(2, generation.Number);
        Assert.False(System.IO.File.Exists(_mount["a"]));
        Assert.DoesNotContain("a", _mount.Names());
        Assert.Equal("gone"u8.ToArray(), projection.ReadManifest());
    }

    [Fact]
    public void Two_hundred_files_in_nested_directories_with_names_of_the_world()
    {
        var files = Enumerable.Range(0, 200).Select(i => File($"мир-{i % 7}/日本 {i % 3}/🔑{i}", $"value {i}")).ToList();

        _mount.Open().Write(files, default);

        foreach (var file in files)
            Assert.Equal(file.Content.ToArray(), System.IO.File.ReadAllBytes(_mount[file.Path.Text]));
    }

    [Fact]
    public void Names_that_are_gone_lose_their_links()
    {
        var projection = _mount.Open();
        projection.Write([File("a", "x"), File("tls/b", "x")], default);
        projection.Write([File("c", "x")], default);

        Assert.Equal(["..data", "c"], _mount.Names().Except(_mount.Generations()));
    }

    [Fact]
    public void A_file_can_become_a_directory_and_back()
    {
        var projection = _mount.Open();
        projection.Write([File("a", "file")], default);
        projection.Write([File("a/b", "below")], default);
        Assert.Equal("below", _mount.Read("a/b"));
        projection.Write([File("a", "file again")], default);
        Assert.Equal("file again", _mount.Read("a"));
    }

    [Fact]
    public void Equal_content_makes_no_new_generation()
    {
        var projection = _mount.Open();
        var first = projection.Write([File("a", "x"), File("tls/b", "y")], "one"u8.ToArray());

        Assert.Equal(first, projection.Write([File("tls/b", "y"), File("a", "x")], "two"u8.ToArray()));
        Assert.Equal("two"u8.ToArray(), projection.ReadManifest());
        Assert.Equal(first, _mount.Restart().Current);
        Assert.Equal("two"u8.ToArray(), _mount.Open().ReadManifest());
        Assert.Single(_mount.Generations());
    }

    public static TheoryData<string> Differences => ["content", "length", "mode", "name", "more", "fewer"];

    [Theory]
    [MemberData(nameof(Differences))]
    public void Any_difference_makes_a_new_generation(string difference)
    {
        var projection = _mount.Open();
        projection.Write([File("a", "x"), File("tls/b", "y")], default);

        var generation = projection.Write(
            difference switch
            {
                "content" => [File("a", "x"), File("tls/b", "z")],
                "length" => [File("a", "x"), File("tls/b", "yy")],
                "mode" => [File("a", "x"), File("tls/b", "y", Mode0444)],
                "name" => [File("a", "x"), File("tls/c", "y")],
                "more" => [File("a", "x"), File("tls/b", "y"), File("c", "")],
                _ => [File("a", "x")],
            },
            default);

        Assert.Equal(2, generation.Number);
        Assert.Equal(generation, projection.Current);
    }

    [Fact]
    public void The_manifest_is_for_the_agent_alone()
    {
        _mount.Open().Write([File("a", "x", Mode0444)], "leases"u8.ToArray());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, FileOwner.ModeOf(_mount["..data/..manifest"]));
    }

    [Fact]
    public void Without_a_generation_there_is_no_manifest_and_no_file()
    {
        var projection = _mount.Open();
        Assert.Null(projection.Current);
        Assert.Empty(projection.ReadManifest());
        Assert.False(projection.Contains(At("a")));
    }

    [Fact]
    public void It_knows_which_files_an_application_finds()
    {
        var projection = _mount.Open();
        projection.Write([File("a", ""), File("tls/b", "x")], default);

        Assert.True(projection.Contains(At("a")));
        Assert.True(projection.Contains(At("tls/b")));
        Assert.False(projection.Contains(At("tls")));
        Assert.False(projection.Contains(At("tls/c")));
        Assert.False(projection.Contains(At("a/b")));

        System.IO.File.Delete(_mount["a"]);
        Assert.False(projection.Contains(At("a")));
        System.IO.File.Delete(_mount["..data"]);
        Assert.False(projection.Contains(At("tls/b")));
    }

    [Fact]
    public void A_set_that_cannot_be_is_refused_with_all_reasons_and_nothing_is_touched()
    {
        var projection = _mount.Open();
        projection.Write([File("a", "old")], default);
        var before = _mount.Names();

        var error = Assert.Throws<MountException>(() => projection.Write(
            [File("a", "x"), File("a", "y"), File("b", "x"), File("b/c", "x"), File("d", "x", UnixFileMode.None)],
            new byte[ManifestFile.MaxBytes + 1]));

        Assert.Contains("'a' is there more than once", error.Message, StringComparison.Ordinal);
        Assert.Contains("'b' is a file, and 'b/c' needs it to be a directory", error.Message, StringComparison.Ordinal);
        Assert.Contains("mode of 'd'", error.Message, StringComparison.Ordinal);
        Assert.Contains("manifest", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, _mount.Names());
        Assert.Equal("old", _mount.Read("a"));
    }

    public void Dispose() => _mount.Dispose();
}
