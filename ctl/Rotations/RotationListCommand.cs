using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Rotations;

/// <summary><c>rotation list [PREFIX] [--ended]</c></summary>
internal static class RotationListCommand
{
    public static Command Create(Cli cli)
    {
        var prefix = new Argument<string>("PREFIX")
        {
            Description = "Only paths that begin with this.",
            DefaultValueFactory = _ => "",
        };
        var ended = new Option<bool>("--ended") { Description = "Also those that are over: the last ten of each secret." };
        var command = new Command("list", "Lists the rotations that are under way.") { prefix, ended };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var request = new ListRotationsRequest { Prefix = parsed.GetRequiredValue(prefix), Ended = parsed.GetValue(ended) };
            return Listed((await broker.ListRotationsAsync(request, cancellationToken: cancellation)).Rotations);
        });
        return command;
    }

    private static Answer Listed(IReadOnlyList<Rotation> rotations) =>
        new(new JsonArray([.. rotations.Select(RotationWords.Document)]))
        {
            Table = new Table(
                "No rotation is under way.",
                ["PATH", "STATE", "VERSION", "STARTED", "DEADLINE", "ACKNOWLEDGED", "BEHIND", "REASON"],
                [.. rotations.Select(rotation => (string[])
                [
                    rotation.Path,
                    RotationWords.Of(rotation.State),
                    $"{rotation.FromVersion} -> {(rotation.ToVersion == 0 ? "?" : rotation.ToVersion)}",
                    Moment.Short(rotation.StartedAt),
                    Moment.Short(rotation.Deadline),
                    $"{rotation.Acknowledged}/{rotation.Holders}",
                    $"{(RotationWords.IsOver(rotation) ? rotation.LeftBehind : rotation.Behind)}",
                    rotation.Reason,
                ])]),
        };
}
