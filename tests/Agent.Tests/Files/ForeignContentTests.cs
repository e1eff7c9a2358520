using Mono.Unix.Native;
using SidecarAgent.Agent.Files;
using static SidecarAgent.Agent.Tests.Files.TemporaryMount;

namespace SidecarAgent.Agent.Tests.Files;

public sealed class ForeignContentTests : IDisposable
{
    private readonly TemporaryMount _mount = new();
    private readonly string _outside = $"/dev/shm/sidecar-agent-outside-{Guid.NewGuid():N}";

    [Fact]
    public void Everything_in_the_way_is_named_at_once_and_nothing_is_touched()
    {
        System.IO.File.WriteAllText(_mount["file"], "theirs");
        Directory.CreateDirectory(_mount["directory"]);
        System.IO.File.CreateSymbolicLink(_mount["link"], "elsewhere");
        System.IO.File.WriteAllText(_mount["other"], "not in the way");
        var before = _mount.Names();

        var error = Assert.Throws<MountException>(
            () => _mount.Open().Write([File("file", "x"), File("directory/b", "x"), File("link", "x"), File("fine", "x")], default));

        Assert.Contains("already holds 'file', 'directory', 'link', not made by this agent", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, _mount.Names());
        Assert.Equal("theirs", _mount.Read("file"));
    }

    [Fact]
    public void A_planted_link_for_a_file_is_not_written_through()
    {
        System.IO.File.CreateSymbolicLink(_mount["password"], _outside);
        Assert.Throws<MountException>(() => _mount.Open().Write([File("password", "hunter2")], default));
        Assert.False(System.IO.File.Exists(_outside));
    }

    [Theory]
    [InlineData("/etc")]
    [InlineData("..2026_01_01_00_00_00.123456789")]
    [InlineData("../x/..20260201T045959.999Z.17")]
    [InlineData("..20260201T045959.999Z.17")]
    public void A_current_link_that_we_did_not_make_is_refused_and_left(string target)
    {
        System.IO.File.CreateSymbolicLink(_mount["..data"], target);
        var error = Assert.Throws<MountException>(() => _mount.Open());
        Assert.Contains("..data was not made by this agent", error.Message, StringComparison.Ordinal);
        Assert.Equal(target, _mount.LinkTarget("..data"));
    }

    [Fact]
    public void A_current_link_to_a_planted_link_is_refused()
    {
        Directory.CreateDirectory(_outside);
        System.IO.File.CreateSymbolicLink(_mount["..20260201T045959.999Z.17"], _outside);
        System.IO.File.CreateSymbolicLink(_mount["..data"], "..20260201T045959.999Z.17");
        Assert.Throws<MountException>(() => _mount.Open());
    }

    [Theory]
    [InlineData("..data")]
    [InlineData("..data_tmp")]
    public void A_file_under_a_name_of_the_agent_is_refused(string name)
    {
        System.IO.File.WriteAllText(_mount[name], "theirs");
        var error = Assert.Throws<MountException>(() => _mount.Open());
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Equal("theirs", _mount.Read(name));
    }

    [Fact]
    public void What_another_user_made_is_never_ours_whatever_it_looks_like()
    {
        var generation = _mount.Open().Write([File("a", "x")], default);
        if (!TryGiveAway("..data"))
            return; // Only the superuser can make a thing of another user; the rule is the same for all.

        Assert.Contains("..data was not made", Assert.Throws<MountException>(() => _mount.Restart()).Message, StringComparison.Ordinal);
        System.IO.File.Delete(_mount["..data"]);
        System.IO.File.CreateSymbolicLink(_mount["..data"], generation.DirectoryName);
        Assert.True(TryGiveAway("a"));
        Assert.Contains("'a'", Assert.Throws<MountException>(() => _mount.Restart()).Message, StringComparison.Ordinal);
        System.IO.File.Delete(_mount["a"]);
        Assert.True(TryGiveAway(generation.DirectoryName));
        Assert.Contains("..data was not made", Assert.Throws<MountException>(() => _mount.Restart()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_planted_generation_is_stepped_over()
    {
        System.IO.File.WriteAllText(_mount["..20260201T045959.999Z.41"], "a file, not a directory");

        var generation = _mount.Open().Write([File("a", "x")], default);

        Assert.Equal(42, generation.Number);
        Assert.Contains("..20260201T045959.999Z.41", _mount.Names());
    }

    [Fact]
    public void Foreign_content_beside_ours_stays()
    {
        System.IO.File.WriteAllText(_mount["theirs"], "theirs");
        System.IO.File.CreateSymbolicLink(_mount["dangling"], "..data/another-name");
        var projection = _mount.Open();
        projection.Write([File("a", "x")], default);
        projection.Write([File("b", "x")], default);
        projection.Scrub();

        Assert.Equal(["dangling", "theirs"], _mount.Names());
    }

    public void Dispose()
    {
        _mount.Dispose();
        if (Directory.Exists(_outside))
            Directory.Delete(_outside);
    }

    private bool TryGiveAway(string name) => Syscall.lchown(_mount[name], 12345, 12345) == 0;
}
