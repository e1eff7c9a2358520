using Microsoft.Extensions.Time.Testing;
using static SidecarAgent.Agent.Tests.Files.TemporaryMount;

namespace SidecarAgent.Agent.Tests.Files;

public sealed class SupersededGenerationsTests : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly TemporaryMount _mount = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_superseded_generation_stays_whole_until_its_time_has_passed()
    {
        var projection = _mount.Open(_time);
        var first = projection.Write([File("a", "1"), File("tls/b", "1")], default);
        _time.Advance(TimeSpan.FromHours(1));
        projection.Write([File("a", "2")], default);

        _time.Advance(Grace - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, projection.RemoveSuperseded(Grace));
        Assert.Equal("1", _mount.Read($"{first.DirectoryName}/tls/b"));

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, projection.RemoveSuperseded(Grace));
        Assert.Equal([projection.Current!.DirectoryName], _mount.Generations());
        Assert.Equal(0, projection.RemoveSuperseded(TimeSpan.Zero));
    }

    [Fact]
    public void Each_has_its_own_age()
    {
        var projection = _mount.Open(_time);
        for (var i = 0; i < 4; i++)
        {
            projection.Write([File("a", $"{i}")], default);
            _time.Advance(TimeSpan.FromSeconds(20));
        }

        Assert.Equal(2, projection.RemoveSuperseded(Grace));
        Assert.Equal(2, _mount.Generations().Count);
    }

    [Fact]
    public void After_a_restart_the_age_starts_anew()
    {
        var projection = _mount.Open(_time);
        projection.Write([File("a", "1")], default);
        projection.Write([File("a", "2")], default);
        _time.Advance(Grace);

        projection = _mount.Open(_time);
        Assert.Equal(0, projection.RemoveSuperseded(Grace));
        _time.Advance(Grace);
        Assert.Equal(1, projection.RemoveSuperseded(Grace));
    }

    [Fact]
    public void A_program_that_has_a_file_open_reads_on()
    {
        var projection = _mount.Open(_time);
        projection.Write([File("a", "1")], default);
        using var reader = System.IO.File.OpenText(_mount["a"]);
        projection.Write([File("a", "2")], default);
        projection.RemoveSuperseded(TimeSpan.Zero);

        Assert.Equal("1", reader.ReadToEnd());
    }

    [Fact]
    public void A_storm_of_rotations_leaves_a_bounded_number()
    {
        var projection = _mount.Open(_time);
        for (var i = 0; i < 100; i++)
            projection.Write([File("a", $"{i}")], default);

        Assert.Equal(65, _mount.Generations().Count);
        Assert.Equal(64, projection.RemoveSuperseded(TimeSpan.Zero));
    }

    public void Dispose() => _mount.Dispose();
}
