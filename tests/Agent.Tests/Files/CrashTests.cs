using System.Globalization;
using SidecarAgent.Agent.Files;
using SidecarAgent.ProjectionHost;

namespace SidecarAgent.Agent.Tests.Files;

/// <summary>A real process is killed with SIGKILL; what it leaves behind is whole, and the next start repairs the rest.</summary>
public sealed class CrashTests : IDisposable
{
    private readonly TemporaryMount _mount = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Killed_after_any_step_the_old_set_or_the_new_one_is_there_whole(int setsBefore)
    {
        var killed = true;
        for (var steps = 0; killed; steps++)
        {
            for (var number = 1; number <= setsBefore; number++)
                _mount.Restart().Write(NumberedSet.Files(number), default);
            _mount.Close();

            (killed, var lastStep) = RunAndDie(steps);

            var isSwapped = lastStep is not null && lastStep[0] >= '7';
            var expected = isSwapped ? setsBefore + 1 : setsBefore;
            AssertWhole(expected);
            var projection = _mount.Restart();
            AssertWhole(expected);
            AssertTidy(projection, expected);
            projection.Write(NumberedSet.Files(expected + 1), default);
            AssertWhole(expected + 1);
            projection.Scrub();
            Assert.Empty(_mount.Names());
            Assert.True(killed || lastStep![0] == '9', "the last step was never reached");
        }
    }

    [Fact]
    public void Killed_at_any_moment_a_set_is_there_whole_and_the_next_process_goes_on()
    {
        var last = 0L;
        for (var sets = 1; sets <= 12; sets++)
        {
            _mount.Close();
            using var host = new HostProcess("run", _mount.Path);
            for (var i = 0; i < sets; i++)
                last = long.Parse(host.ReadLine()!, CultureInfo.InvariantCulture);
            host.Kill();
            Assert.Equal(137, host.WaitForExit());

            var seen = WholeSet();
            Assert.InRange(seen, last, long.MaxValue);
            var projection = _mount.Restart();
            AssertTidy(projection, seen);
            last = seen;
        }
    }

    public void Dispose() => _mount.Dispose();

    private (bool Killed, string? LastStep) RunAndDie(int steps)
    {
        using var host = new HostProcess("kill-after", _mount.Path, steps.ToString(CultureInfo.InvariantCulture));
        string? last = null;
        while (host.ReadLine() is { } step)
            last = step;
        return (host.WaitForExit() == 137, last);
    }

    private void AssertWhole(long number)
    {
        if (number == 0)
            Assert.False(Directory.Exists(_mount["..data"]));
        else
            Assert.Equal(number, WholeSet());
    }

    /// <summary>The number of the set behind <c>..data</c>, all files of which are there and tell the same.</summary>
    private long WholeSet()
    {
        var directory = _mount[_mount.LinkTarget("..data")];
        var number = long.Parse(File.ReadAllText($"{directory}/password"), CultureInfo.InvariantCulture);
        var files = Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(directory, path)).Where(name => name != "..manifest");
        Assert.Equal(NumberedSet.Names(number).Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
        Assert.All(NumberedSet.Names(number), name => Assert.Equal($"{number}", File.ReadAllText($"{directory}/{name}")));
        return number;
    }

    private void AssertTidy(Projection projection, long number)
    {
        Assert.Equal(number, projection.Current?.Number ?? 0);
        projection.RemoveSuperseded(TimeSpan.Zero);
        string[] names = number == 0
            ? []
            : [projection.Current!.DirectoryName, "..data", .. NumberedSet.Names(number).Select(name => name.Split('/')[0]).Distinct()];
        Assert.Equal(names.Order(StringComparer.Ordinal), _mount.Names());
        if (number > 0)
            Assert.All(NumberedSet.Names(number), name => Assert.Equal($"{number}", _mount.Read(name)));
    }
}
