using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.Ctl.Secrets;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Rotations;

/// <summary><c>rotation show PATH</c></summary>
internal static class RotationShowCommand
{
    public static Command Create(Cli cli)
    {
        var path = SecretPathArgument.Create();
        var command = new Command("show", "Shows the last rotation of a secret, whom it waits for, and when the next is due.")
        {
            path,
        };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var request = new GetRotationRequest { Path = parsed.GetRequiredValue(path).ToString() };
            return Shown(request.Path, await broker.GetRotationAsync(request, cancellationToken: cancellation));
        });
        return command;
    }

    private static Answer Shown(string path, GetRotationResponse response) => new(new JsonObject
    {
        ["path"] = path,
        ["rotation"] = response.Rotation is null ? null : RotationWords.Document(response.Rotation),
        ["schedule"] = RotationWords.Document(response.Schedule),
    })
    {
        Lines =
        [
            .. response.Rotation is null ? [$"{path}: no rotation lately"] : Lines(response.Rotation),
            response.Schedule is null ? "not rotated by itself" : RotationWords.Sentence(response.Schedule),
        ],
    };

    private static IEnumerable<string> Lines(Rotation rotation)
    {
        var by = rotation.By.Length == 0 ? "by its schedule" : $"by {rotation.By}";
        var taint = rotation.Tainted ? ", because it was compromised" : "";
        yield return $"{rotation.Path}: from version {rotation.FromVersion} to {rotation.ToVersion}, "
            + $"begun {Moment.Short(rotation.StartedAt)} {by}{taint}";
        if (RotationWords.IsOver(rotation))
        {
            yield return $"{RotationWords.Of(rotation.State)} at {Moment.Short(rotation.EndedAt)}"
                + (rotation.Reason.Length == 0 ? "" : $": {rotation.Reason}");
            yield break;
        }

        yield return RotationWords.Progress(rotation);
        if (rotation.Deadline is not null)
            yield return $"holders have until {Moment.Short(rotation.Deadline)}";
        foreach (var laggard in RotationWords.Laggards(rotation))
            yield return laggard;
    }
}
