using System.Diagnostics;
using Mono.Unix.Native;

namespace SidecarAgent.Agent.Tests.Commands;

/// <summary>The agent as a process of its own, as a container runs it.</summary>
internal sealed class AgentProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _error;

    public AgentProcess(params string[] arguments)
    {
        string[] command = [Path.Combine(AppContext.BaseDirectory, "sidecar-agent.dll"), .. arguments];
        _process = Process.Start(new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", command)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _error = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Every line of the log so far.</summary>
    public List<string> Log { get; } = [];

    /// <summary>Reads the log up to the first line that holds this text.</summary>
    public async Task<string> LoggedAsync(string text)
    {
        while (await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(120)) is { } line)
        {
            Log.Add(line);
            if (line.Contains(text, StringComparison.Ordinal))
                return line;
        }

        throw new InvalidOperationException($"ended without '{text}': {string.Join('\n', Log)} {await _error}");
    }

    public void Signal(Signum signal) => Assert.Equal(0, Syscall.kill(_process.Id, signal));

    /// <returns>The exit code, and what was on standard error.</returns>
    public async Task<(int ExitCode, string Error)> EndedAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
            Log.Add(line);
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(120));
        return (_process.ExitCode, await _error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
