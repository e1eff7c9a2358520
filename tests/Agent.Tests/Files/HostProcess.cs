using System.Diagnostics;

namespace SidecarAgent.Agent.Tests.Files;

/// <summary>A running tests/ProjectionHost.</summary>
internal sealed class HostProcess : IDisposable
{
    private readonly Process _process;

    public HostProcess(params string[] arguments)
        : this([], arguments)
    {
    }

    /// <param name="inside">The command, with its options, that starts it; empty: none.</param>
    /// <param name="arguments">Its own.</param>
    public HostProcess(IEnumerable<string> inside, IEnumerable<string> arguments)
    {
        string[] command =
        [
            .. inside,
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            Path.Combine(AppContext.BaseDirectory, "SidecarAgent.ProjectionHost.dll"),
            .. arguments,
        ];
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })!;
    }

    /// <summary>Null: it has ended.</summary>
    public string? ReadLine() => _process.StandardOutput.ReadLine();

    /// <summary>With SIGKILL.</summary>
    public void Kill() => _process.Kill();

    /// <returns>137 where it was killed.</returns>
    public int WaitForExit()
    {
        _process.WaitForExit();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
