using SidecarAgent.Quickstart.PodRunner;

namespace SidecarAgent.Quickstart.Installation;

/// <summary>Runs programs that end, such as sidecarctl. What they print also goes to a log, like that of servers.</summary>
internal sealed class Command(string program, IReadOnlyDictionary<string, string> environment, string logDirectory, TimeProvider time)
{
    private readonly string _name = Path.GetFileName(program);

    /// <summary>Runs to the end, whatever that is.</summary>
    public async Task<CommandResult> TryRunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        using var output = new ProcessOutput(Path.Combine(logDirectory, $"{_name}-{Guid.NewGuid():N}.log"), time);
        await using var process = LocalProcess.Start(new LaunchPlan(program, arguments, environment), output);
        var exitCode = await process.Exit.WaitAsync(cancellationToken);
        return new CommandResult(
            $"{_name} {string.Join(' ', arguments)}", exitCode, string.Join('\n', output.Tail.Select(line => line.Text)));
    }

    /// <summary>Standard output and standard error of a run that went well.</summary>
    /// <exception cref="InstallationException">The program ended with another code than 0; with what it printed.</exception>
    public async Task<string> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        var result = await TryRunAsync(cancellationToken, arguments);
        return result.ExitCode == 0
            ? result.Output
            : throw new InstallationException($"'{result.CommandLine}' ended with code {result.ExitCode}:\n{result.Output}");
    }
}

internal sealed record CommandResult(string CommandLine, int ExitCode, string Output);
