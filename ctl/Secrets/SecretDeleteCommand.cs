using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Secrets;

/// <summary><c>secret delete PATH [VERSION...] [--active]</c></summary>
internal static class SecretDeleteCommand
{
    public static Command Create(Cli cli)
    {
        var path = SecretPathArgument.Create();
        var versions = VersionArguments.Create(required: false);
        var active = VersionArguments.Active();
        var command = new Command("delete", "Stops serving versions, until 'secret undelete'; their holders are told.") { path, versions, active };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var request = new DeleteVersionsRequest
            {
                Path = parsed.GetRequiredValue(path).ToString(),
                Versions = { parsed.GetValue(versions) ?? [] },
                Active = parsed.GetValue(active),
            };
            if (request.Versions.Count == 0 && !request.Active)
                throw CommandFailedException.Usage("say which versions, or --active to withdraw what is served from all its holders");
            return Deleted(request.Path, await broker.DeleteVersionsAsync(request, cancellationToken: cancellation));
        });
        return command;
    }

    private static Answer Deleted(string path, DeleteVersionsResponse response) => new(new JsonObject
    {
        ["path"] = path,
        ["versions"] = new JsonArray([.. response.Versions.Select(version => (JsonNode)version)]),
        ["leasesEnded"] = response.LeasesEnded,
        ["withdrawn"] = response.Withdrawn,
    })
    {
        Lines =
        [
            $"{path}: {VersionArguments.Name(response.Versions)} {(response.Versions.Count == 1 ? "is" : "are")} deleted, "
                + $"{Quantity.Of(response.LeasesEnded, "lease")} ended; "
                + $"'sidecarctl secret undelete {path} {string.Join(' ', response.Versions)}' takes it back",
            .. Withdrawn(path, response.Withdrawn),
        ],
    };

    public static IEnumerable<string> Withdrawn(string path, bool withdrawn) =>
        withdrawn ? [$"nothing of {path} is served now, until a version is activated or put"] : [];
}
