using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.Ctl.Secrets;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Rotations;

/// <summary><c>rotation set PATH --every DURATION | --cron EXPRESSION | --never</c></summary>
internal static class RotationSetCommand
{
    public static Command Create(Cli cli)
    {
        var path = SecretPathArgument.Create();
        var options = new ScheduleOptions();
        var never = new Option<bool>("--never") { Description = "Do not rotate it by itself any longer." };
        var command = new Command("set", "Says when a secret is rotated by itself.") { path };
        options.AddTo(command);
        command.Add(never);
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var schedule = options.Read(parsed);
            if (schedule is null != parsed.GetValue(never))
                throw CommandFailedException.Usage("exactly one of --every, --cron and --never is expected");
            var request = new SetRotationScheduleRequest { Path = parsed.GetRequiredValue(path).ToString(), Schedule = schedule };
            return Set(request.Path, (await broker.SetRotationScheduleAsync(request, cancellationToken: cancellation)).Schedule);
        });
        return command;
    }

    private static Answer Set(string path, RotationSchedule? schedule) => new(new JsonObject
    {
        ["path"] = path,
        ["schedule"] = RotationWords.Document(schedule),
    })
    {
        Lines = [$"{path}: {(schedule is null ? "not rotated by itself" : RotationWords.Sentence(schedule))}"],
    };
}
