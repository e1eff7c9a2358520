using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Files;
using SidecarAgent.Agent.Telemetry;

namespace SidecarAgent.Agent.Commands;

/// <summary>The program: runs one command and turns how it ends into an exit code and a line.</summary>
/// <param name="time">Of everything.</param>
/// <param name="output">What was asked for.</param>
/// <param name="error">Why it was not to be had.</param>
internal sealed class CommandLine(TimeProvider time, Stream output, TextWriter error)
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken stopping)
    {
        try
        {
            await RunAsync(Arguments.Parse(arguments), stopping);
            return ExitCode.Done;
        }
        catch (CommandException problem)
        {
            return Fail(problem.ExitCode, problem.Message);
        }
        catch (InvalidConfigurationException problem)
        {
            return Fail(ExitCode.BadConfiguration, problem.Message);
        }
        catch (MountException problem)
        {
            return Fail(ExitCode.Failed, problem.Message);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return Fail(ExitCode.Failed, "was told to stop");
        }
        catch (Exception problem)
        {
            // The edge of the program: a mistake of ours is one line too, with all that there is to know about it.
            return Fail(ExitCode.Failed, $"unexpected: {problem}");
        }
    }

    private Task RunAsync(Arguments arguments, CancellationToken stopping)
    {
        switch (arguments.Command)
        {
            case "run":
                return LoggedAsync(arguments, (options, writer, logs) => RunCommand.RunAsync(
                    options, new ConfigurationSource(() => Options(arguments), writer.Use), logs, time, stopping));
            case "init":
                return LoggedAsync(arguments, (options, _, logs) => InitCommand.RunAsync(options, Timeout(arguments), logs, time, stopping));
            case "wait":
                return WaitCommand.RunAsync(Options(arguments), Timeout(arguments), time, stopping);
            case "check":
                Print(text => CheckCommand.Run(Options(arguments), text));
                return Task.CompletedTask;
            case "render":
                RenderCommand.Run(
                    arguments.Required("--template"), arguments.Required("--data"), arguments.Choice("--missing-key", "default", "error") is "error", output);
                return Task.CompletedTask;
            case "version":
                Print(text => text.WriteLine(ProductVersion.Text));
                return Task.CompletedTask;
            default:
                Print(text => text.Write(Arguments.Usage));
                return Task.CompletedTask;
        }
    }

    private async Task LoggedAsync(Arguments arguments, Func<AgentOptions, LogWriter, ILoggerFactory, Task> command)
    {
        var options = Options(arguments);
        using var writer = new LogWriter(output, options.Log, time);
        using var logs = writer.CreateFactory();
        await command(options, writer, logs);
    }

    private static AgentOptions Options(Arguments arguments)
    {
        var options = ConfigurationParser.Parse(ConfigurationText.Read(
            arguments["--config"], Environment.GetEnvironmentVariable(ConfigurationText.Variable)));
        return arguments["--allow-disk"] is null ? options : options with { AllowDisk = true };
    }

    private static TimeSpan Timeout(Arguments arguments)
    {
        if (arguments["--timeout"] is not { } text)
            return DefaultTimeout;
        return DurationText.Parse(text)
            ?? throw new CommandException(ExitCode.BadConfiguration, $"--timeout: '{text}' must be a duration such as 60s or 2m, at most 24h");
    }

    private void Print(Action<TextWriter> write)
    {
        using var text = new StreamWriter(output, leaveOpen: true);
        write(text);
    }

    private int Fail(int exitCode, string message)
    {
        error.WriteLine($"sidecar-agent: {LogWriter.OneLine(message)}");
        return exitCode;
    }
}
