using System.ComponentModel;
using System.Diagnostics;
using Mono.Unix.Native;

namespace SidecarAgent.Quickstart.PodRunner;

/// <summary>A child process with a clean environment, whose output goes to a <see cref="ProcessOutput"/>.</summary>
internal sealed class LocalProcess : IAsyncDisposable
{
    private readonly Process _process;

    private LocalProcess(Process process)
    {
        _process = process;
        Id = process.Id;
        Exit = WaitAsync(process);
    }

    public int Id { get; }

    /// <summary>The exit code; 128 and the signal's number if a signal ended it. All output has been read by then.</summary>
    public Task<int> Exit { get; }

    /// <exception cref="InvalidPodException">There is no such program, or it is not one.</exception>
    public static LocalProcess Start(LaunchPlan plan, ProcessOutput output)
    {
        var start = new ProcessStartInfo(plan.Program, plan.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in plan.Environment)
            start.Environment[name] = value;

        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            process.Dispose();
            throw new InvalidPodException($"{plan.Program} does not start: {e.Message}");
        }

        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new LocalProcess(process);

        void Add(string? line)
        {
            if (line is not null)
                output.Add(line);
        }
    }

    /// <summary>Does nothing if the process has ended.</summary>
    public void Send(Signum signal)
    {
        if (!Exit.IsCompleted)
            _ = Syscall.kill(Id, signal);
    }

    /// <summary>SIGTERM, and SIGKILL when the grace period is over.</summary>
    public async Task<int> StopAsync(TimeSpan grace, TimeProvider time)
    {
        Send(Signum.SIGTERM);
        try
        {
            return await Exit.WaitAsync(grace, time);
        }
        catch (TimeoutException)
        {
            Send(Signum.SIGKILL);
            return await Exit;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Send(Signum.SIGKILL);
        await Exit;
        _process.Dispose();
    }

    private static async Task<int> WaitAsync(Process process)
    {
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
