using SidecarAgent.Quickstart.PodRunner;

namespace SidecarAgent.Quickstart.Installation;

/// <summary>Runs a program that ends, such as sidecarctl. What it prints also goes to a log, like that of servers.</summary>
internal sealed class Command(
    string program, IReadOnlyDictionary<string, string> environment, string logDirectory, TimeProvider time)
{
    private readonly string _name = Path.GetFileName(program);

    /// <summary>Runs to the end, whatever that is.</summary>
    public Task<CommandResult> TryRunAsync(CancellationToken cancellationToken, params string[] arguments) =>
        RunAsync(Path.Combine(logDirectory, $"{_name}-{Guid.NewGuid():N}.log"), arguments, cancellationToken);

    /// <summary>Standard output and standard error of a run that went well.</summary>
    /// <exception cref="InstallationException">The program ended with another code than 0; with what it printed.</exception>
    public async Task<string> RunAsync(CancellationToken cancellationToken, params string[] arguments) =>
        Succeeded(await TryRunAsync(cancellationToken, arguments));

    /// <summary>As <see cref="RunAsync(CancellationToken, string[])"/>, for a program that prints a credential: nothing is logged.</summary>
    /// <exception cref="InstallationException"/>
    public async Task<string> RunUnloggedAsync(CancellationToken cancellationToken, params string[] arguments) =>
        Succeeded(await RunAsync(log: null, arguments, cancellationToken));

    private async Task<CommandResult> RunAsync(string? log, string[] arguments, CancellationToken cancellationToken)
    {
        using var output = new ProcessOutput(log, time);
        await using var process = LocalProcess.Start(new LaunchPlan(program, arguments, environment), output);
        var exitCode = await process.Exit.WaitAsync(cancellationToken);
        return new CommandResult(
            $"{_name} {string.Join(' ', arguments)}", exitCode, string.Join('\n', output.Tail.Select(line => line.Text)));
    }

    private static string Succeeded(CommandResult result) =>
        result.ExitCode == 0
            ? result.Output
            : throw new InstallationException($"'{result.CommandLine}' ended with code {result.ExitCode}:\n{result.Output}");
}

internal sealed record CommandResult(string CommandLine, int ExitCode, string Output);
