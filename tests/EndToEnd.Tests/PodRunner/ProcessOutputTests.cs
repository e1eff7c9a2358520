using SidecarAgent.Quickstart.PodRunner;
using SidecarAgent.Testing;

namespace SidecarAgent.EndToEnd.Tests.PodRunner;

public sealed class ProcessOutputTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly ProcessOutput _output;

    public ProcessOutputTests() => _output = new ProcessOutput(_directory.File("log"), TimeProvider.System);

    public void Dispose()
    {
        _output.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_line_that_was_written_before_is_found()
    {
        _output.Add("starting");
        _output.Add("ready");

        Assert.Equal(2, (await _output.WaitForAsync(line => line == "ready", 0, CancellationToken.None)).Number);
    }

    [Fact]
    public async Task A_line_that_comes_later_ends_the_wait()
    {
        var waiting = _output.WaitForAsync(line => line == "ready", 0, CancellationToken.None);
        _output.Add("starting");
        Assert.False(waiting.IsCompleted);

        _output.Add("ready");

        Assert.Equal("ready", (await waiting).Text);
    }

    [Fact]
    public async Task Lines_up_to_the_given_number_do_not_count()
    {
        _output.Add("ready");
        var waiting = _output.WaitForAsync(line => line == "ready", _output.Count, CancellationToken.None);
        Assert.False(waiting.IsCompleted);

        _output.Add("ready");

        Assert.Equal(2, (await waiting).Number);
    }

    [Fact]
    public async Task A_wait_can_be_given_up()
    {
        using var stop = new CancellationTokenSource();
        var waiting = _output.WaitForAsync(_ => true, 0, stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public void The_file_has_every_line_and_is_its_owners_alone()
    {
        for (var i = 0; i < 2000; i++)
            _output.Add($"line {i}");

        Assert.Equal(2000, File.ReadLines(_directory.File("log")).Count());
        Assert.Equal(1000, _output.Tail.Count);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory.File("log")));
    }
}
