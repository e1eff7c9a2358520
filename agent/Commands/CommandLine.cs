using System.CommandLine;
using System.CommandLine.Parsing;
using System.Reflection;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Files;

namespace SidecarAgent.Agent.Commands;

/// <summary>The six commands.</summary>
internal sealed class CommandLine(TimeProvider time, TextWriter error)
{
    private readonly Option<string?> _config = new("--config") { Recursive = true, HelpName = "FILE" };

    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(string[] arguments, CancellationToken stopping)
    {
        var parsed = Root().Parse(arguments);
        if (parsed.Errors.Count > 0)
            return Fail(ExitCode.BadConfiguration, parsed.Errors[0].Message);
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stopping);
        }
        catch (InvalidConfigurationException problem)
        {
            return Fail(ExitCode.BadConfiguration, problem.Message);
        }
        catch (CommandException problem)
        {
            return Fail(problem.ExitCode, problem.Message);
        }
        catch (MountException problem)
        {
            return Fail(ExitCode.Failed, problem.Message);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return Fail(ExitCode.Failed, "stopped");
        }
    }

    private RootCommand Root()
    {
        var timeout = new Option<TimeSpan>("--timeout") { CustomParser = Duration, DefaultValueFactory = _ => TimeSpan.FromSeconds(60) };
        var run = new Command("run", "Keep the files fresh until told to stop.");
        run.SetAction((parsed, stopping) => RunCommand.RunAsync(Options(parsed), time, stopping));
        var init = new Command("init", "Fetch once, write the files once.") { timeout };
        init.SetAction((parsed, stopping) => InitCommand.RunAsync(Options(parsed), parsed.GetValue(timeout), time, stopping));
        var wait = new Command("wait", "End when the files are there.") { timeout };
        wait.SetAction((parsed, stopping) => WaitCommand.RunAsync(Options(parsed), parsed.GetValue(timeout), time, stopping));
        var check = new Command("check", "Say what would be fetched, or what is wrong with the configuration.");
        check.SetAction(parsed => CheckCommand.Run(Options(parsed), Console.Out));
        var version = new Command("version", "Print the version.");
        version.SetAction(_ => Console.Out.WriteLine(typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion));
        return new RootCommand("Brings secrets into a pod as files, and keeps them fresh.") { _config, run, init, wait, check, version };
    }

    private AgentOptions Options(ParseResult parsed) => ConfigurationParser.Parse(ConfigurationText.Read(
        parsed.GetValue(_config), Environment.GetEnvironmentVariable(ConfigurationText.Variable)));

    private static TimeSpan Duration(ArgumentResult argument)
    {
        if (DurationText.Parse(argument.Tokens[0].Value) is { } duration)
            return duration;
        argument.AddError($"'{argument.Tokens[0].Value}' must be a duration such as 60s or 2m");
        return default;
    }

    private int Fail(int exitCode, string message)
    {
        error.WriteLine($"sidecar-agent: {message.ReplaceLineEndings(" ")}");
        return exitCode;
    }
}
