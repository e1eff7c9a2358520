using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Secrets;

/// <summary><c>secret undelete PATH VERSION...</c></summary>
internal static class SecretUndeleteCommand
{
    public static Command Create(Cli cli)
    {
        var path = SecretPathArgument.Create();
        var versions = VersionArguments.Create(required: true);
        var command = new Command("undelete", "Brings deleted versions back; 'secret activate' serves one.") { path, versions };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var request = new UndeleteVersionsRequest
            {
                Path = parsed.GetRequiredValue(path).ToString(),
                Versions = { parsed.GetRequiredValue(versions) },
            };
            await broker.UndeleteVersionsAsync(request, cancellationToken: cancellation);
            return Undeleted(request);
        });
        return command;
    }

    private static Answer Undeleted(UndeleteVersionsRequest request) => new(new JsonObject
    {
        ["path"] = request.Path,
        ["versions"] = new JsonArray([.. request.Versions.Select(version => (JsonNode)version)]),
    })
    {
        Lines =
        [
            $"{request.Path}: {VersionArguments.Name(request.Versions)} can be used again; "
                + $"'sidecarctl secret activate {request.Path} {request.Versions[0]}' serves it",
        ],
    };
}
