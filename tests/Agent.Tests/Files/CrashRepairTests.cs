using SidecarAgent.Agent.Files;
using static SidecarAgent.Agent.Tests.Files.TemporaryMount;

namespace SidecarAgent.Agent.Tests.Files;

public sealed class CrashRepairTests : IDisposable
{
    private readonly TemporaryMount _mount = new();
    private readonly Generation _first;

    public CrashRepairTests() => _first = _mount.Open().Write([File("a", "x"), File("tls/b", "y")], "m"u8.ToArray());

    [Fact]
    public void A_half_generation_goes()
    {
        Directory.CreateDirectory(_mount["..20300101T000000.000Z.2/tls"]);
        System.IO.File.WriteAllText(_mount["..20300101T000000.000Z.2/tls/b"], "half");

        Assert.Equal(_first, _mount.Restart().Current);
        Assert.Equal([_first.DirectoryName], _mount.Generations());
    }

    [Fact]
    public void A_next_link_that_was_not_renamed_goes()
    {
        System.IO.File.CreateSymbolicLink(_mount["..data_tmp"], "..20300101T000000.000Z.2");

        var projection = _mount.Restart();

        Assert.DoesNotContain("..data_tmp", _mount.Names());
        Assert.Equal(2, projection.Write([File("a", "z")], default).Number);
    }

    [Fact]
    public void A_missing_visible_link_comes_back_even_if_the_content_is_the_same()
    {
        System.IO.File.Delete(_mount["a"]);
        var projection = _mount.Restart();
        Assert.Equal("x", _mount.Read("a"));

        System.IO.File.Delete(_mount["tls"]);
        Assert.Equal(_first, projection.Write([File("a", "x"), File("tls/b", "y")], default));
        Assert.Equal("y", _mount.Read("tls/b"));
    }

    [Fact]
    public void A_visible_link_to_nothing_goes()
    {
        System.IO.File.CreateSymbolicLink(_mount["c"], "..data/c");
        _mount.Restart();
        Assert.DoesNotContain("c", _mount.Names());
    }

    [Fact]
    public void A_half_replaced_manifest_costs_nothing()
    {
        System.IO.File.WriteAllText(_mount["..data/..tmp"], "half");

        var projection = _mount.Restart();

        Assert.Equal("m"u8.ToArray(), projection.ReadManifest());
        Assert.Equal(_first, projection.Write([File("a", "x"), File("tls/b", "y")], "new"u8.ToArray()));
        Assert.Equal("new"u8.ToArray(), projection.ReadManifest());
        Assert.DoesNotContain("..tmp", Directory.EnumerateFileSystemEntries(_mount["..data/"]).Select(Path.GetFileName));
    }

    [Fact]
    public void A_current_link_that_somebody_removed_means_a_new_start()
    {
        var projection = _mount.Restart();
        System.IO.File.Delete(_mount["..data"]);

        var generation = projection.Write([File("a", "x"), File("tls/b", "y")], default);

        Assert.Equal([generation.DirectoryName], _mount.Generations());
        Assert.Equal("y", _mount.Read("tls/b"));
    }

    [Fact]
    public void Numbers_go_on_after_a_restart()
    {
        Assert.Equal(2, _mount.Restart().Write([File("a", "2")], default).Number);
        Assert.Equal(3, _mount.Restart().Write([File("a", "3")], default).Number);
    }

    public void Dispose() => _mount.Dispose();
}
