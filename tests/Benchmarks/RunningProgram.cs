using System.Diagnostics;
using System.Text;

namespace SidecarAgent.Benchmarks;

/// <summary>A program of ours as a child process. Its output is kept for the error message, and it never outlives us.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    public RunningProgram(string program, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <exception cref="InvalidOperationException">It ended with another code than 0.</exception>
    public async Task WaitForSuccessAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        if (_process.ExitCode != 0)
            throw Failed();
    }

    /// <exception cref="InvalidOperationException">It ended, although it should run.</exception>
    public void ThrowIfEnded()
    {
        if (_process.HasExited)
            throw Failed();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private InvalidOperationException Failed()
    {
        lock (_output)
            return new($"{_process.StartInfo.FileName} ended with {_process.ExitCode}:\n{_output}");
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
            _output.AppendLine(line.Data);
    }
}
