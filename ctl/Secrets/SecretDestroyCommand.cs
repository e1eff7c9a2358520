using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Secrets;

/// <summary><c>secret destroy PATH VERSION... --yes [--active]</c></summary>
internal static class SecretDestroyCommand
{
    public static Command Create(Cli cli)
    {
        var path = SecretPathArgument.Create();
        var versions = VersionArguments.Create(required: true);
        var active = VersionArguments.Active();
        var yes = new Option<bool>("--yes") { Description = "Yes, for good." };
        var command = new Command("destroy", "Erases the values of versions and the keys that they are encrypted with, for good.")
        {
            path, versions, active, yes,
        };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            if (!parsed.GetValue(yes))
                throw CommandFailedException.Usage("what is destroyed cannot be brought back: add --yes if that is meant");
            var request = new DestroyVersionsRequest
            {
                Path = parsed.GetRequiredValue(path).ToString(),
                Versions = { parsed.GetRequiredValue(versions) },
                Active = parsed.GetValue(active),
            };
            return Destroyed(request, await broker.DestroyVersionsAsync(request, cancellationToken: cancellation));
        });
        return command;
    }

    private static Answer Destroyed(DestroyVersionsRequest request, DestroyVersionsResponse response) => new(new JsonObject
    {
        ["path"] = request.Path,
        ["versions"] = new JsonArray([.. request.Versions.Select(version => (JsonNode)version)]),
        ["leasesEnded"] = response.LeasesEnded,
        ["withdrawn"] = response.Withdrawn,
        ["erased"] = response.Erased,
    })
    {
        Lines =
        [
            $"{request.Path}: {VersionArguments.Name(request.Versions)} {(request.Versions.Count == 1 ? "is" : "are")} destroyed, "
                + $"{Quantity.Of(response.LeasesEnded, "lease")} ended",
            response.Erased
                ? "nothing of the values is left in the database; backups of it from before still hold them"
                : "the database's own files may hold the values until it has written over them, and backups from before still do",
            .. SecretDeleteCommand.Withdrawn(request.Path, response.Withdrawn),
        ],
    };
}
