using System.CommandLine;
using SidecarAgent.Ctl.Connection;
using SidecarAgent.Ctl.Output;
using SidecarAgent.Ctl.Revocation;
using SidecarAgent.Ctl.Rotations;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl;

/// <summary>What the commands share: the global options, the way to the broker and the way to answer.</summary>
internal sealed class Cli(Surroundings surroundings)
{
    private readonly BrokerOptions _broker = new(surroundings);
    private readonly Option<string> _output = new Option<string>("--output", "-o")
    {
        Description = "How to answer: table, json or yaml.",
        HelpName = "table|json|yaml",
        Recursive = true,
        DefaultValueFactory = _ => "table",
    }.AcceptOnlyFromAmong("table", "json", "yaml");

    public Surroundings Surroundings { get; } = surroundings;

    public void AddOptions(RootCommand root)
    {
        root.Add(_output);
        foreach (var option in _broker.All)
            root.Add(option);
    }

    /// <summary>Makes the command ask the broker and write what it makes of the answer.</summary>
    public void AskBroker(
        Command command,
        Func<ParseResult, BrokerAdmin.BrokerAdminClient, CancellationToken, Task<Answer>> ask) =>
        command.SetAction(async (parsed, cancellation) =>
        {
            using var connection = BrokerConnection.Open(_broker.Read(parsed), Surroundings.Time);
            return await WriteAsync(parsed, await ask(parsed, connection.Client, cancellation));
        });

    /// <summary>Makes the command work on this machine, and ask the broker only where it must.</summary>
    public void AskBrokerIf(
        Command command, Func<ParseResult, bool> mustAsk,
        Func<ParseResult, BrokerAdmin.BrokerAdminClient?, CancellationToken, Task<Answer>> work) =>
        command.SetAction(async (parsed, cancellation) =>
        {
            using var connection = mustAsk(parsed) ? BrokerConnection.Open(_broker.Read(parsed), Surroundings.Time) : null;
            return await WriteAsync(parsed, await work(parsed, connection?.Client, cancellation));
        });

    /// <summary>How a rotation is followed: seen by people, not by programs.</summary>
    public RotationView View(ParseResult parsed) =>
        new(Surroundings, Format(parsed) == OutputFormat.Table ? parsed.InvocationConfiguration.Output : null);

    /// <summary>How a revocation is followed.</summary>
    public RevocationView RevocationView(ParseResult parsed) =>
        new(Surroundings, parsed.InvocationConfiguration.Output, Format(parsed));

    /// <summary>
    /// What may wait for standard input, which no signal wakes: so that Ctrl-C ends the program all the same.
    /// </summary>
    public static Task<T> InterruptibleAsync<T>(Func<T> read, CancellationToken cancellationToken) =>
        Task.Run(read, CancellationToken.None).WaitAsync(cancellationToken);

    /// <summary>Makes the command work on this machine alone.</summary>
    public void Offline(Command command, Func<ParseResult, Answer> work) =>
        command.SetAction((parsed, _) => WriteAsync(parsed, work(parsed)));

    /// <summary>Refuses the global option where a command would not heed it.</summary>
    public Command WithoutOutputOption(Command command, string instead)
    {
        command.Validators.Add(parsed =>
        {
            if (parsed.GetResult(_output) is { Implicit: false })
                parsed.AddError(instead);
        });
        return command;
    }

    private async Task<int> WriteAsync(ParseResult parsed, Answer answer)
    {
        var streams = parsed.InvocationConfiguration;
        await AnswerWriter.WriteAsync(answer, Format(parsed), Surroundings, streams.Output, streams.Error);
        return answer.Failure is null ? (int)ExitCode.Done : throw CommandFailedException.Failed(answer.Failure);
    }

    private OutputFormat Format(ParseResult parsed) =>
        Enum.Parse<OutputFormat>(parsed.GetRequiredValue(_output), ignoreCase: true);
}
