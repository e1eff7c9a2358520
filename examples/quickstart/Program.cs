using System.Runtime.InteropServices;
using SidecarAgent.Quickstart.Demonstration;
using SidecarAgent.Quickstart.Installation;
using SidecarAgent.Quickstart.PodRunner;

namespace SidecarAgent.Quickstart;

/// <summary><c>quickstart [--keep]</c>: the demo. Exit codes: 0 done, 1 a step failed, 2 bad arguments, 130 interrupted before it was done.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is not ([] or ["--keep"]))
        {
            await Console.Error.WriteLineAsync("usage: quickstart [--keep]");
            return 2;
        }

        var keep = args.Length > 0;
        using var interrupted = new CancellationTokenSource();
        // SIGHUP: the terminal was closed.
        using var interrupt = Cancel(PosixSignal.SIGINT);
        using var terminate = Cancel(PosixSignal.SIGTERM);
        using var hangUp = Cancel(PosixSignal.SIGHUP);
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        try
        {
            var programs = Programs.Locate();
            await using var installation = await LocalInstallation.PrepareAsync(
                programs, [Path.Combine(programs.Repository, "examples/policies/orders.yaml")], time, interrupted.Token);
            await new Demo(installation, new Story(Console.Out), time).RunAsync(keep, interrupted.Token);
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("\ninterrupted; everything was stopped and removed");
            return keep ? 0 : 130;
        }
        catch (Exception e) when (e is InstallationException or InvalidPodException or PodFailedException
            or TokenIssueException or HttpRequestException or IOException)
        {
            await Console.Error.WriteLineAsync($"\nThe demo failed: {e.Message}");
            return 1;
        }

        Console.WriteLine($"\nThe demo took {time.GetElapsedTime(began).TotalSeconds:0.0} s.");
        return 0;

        PosixSignalRegistration Cancel(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            interrupted.Cancel();
        });
    }
}
