using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Secrets;

/// <summary><c>secret activate PATH VERSION</c></summary>
internal static class SecretActivateCommand
{
    public static Command Create(Cli cli)
    {
        var path = SecretPathArgument.Create();
        var version = new Argument<ulong>("VERSION")
        {
            Description = "The number of a stored version.",
            CustomParser = VersionNumber.Parser(min: 1),
        };
        var command = new Command("activate", "Serves a stored version from now on; also the way back to an older one.")
        {
            path, version,
        };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var request = new ActivateVersionRequest
            {
                Path = parsed.GetRequiredValue(path).ToString(),
                Version = parsed.GetRequiredValue(version),
            };
            return Activated(request, await broker.ActivateVersionAsync(request, cancellationToken: cancellation));
        });
        return command;
    }

    private static Answer Activated(ActivateVersionRequest request, ActivateVersionResponse response) => new(new JsonObject
    {
        ["path"] = request.Path,
        ["version"] = request.Version,
        ["previousVersion"] = response.PreviousVersion,
    })
    {
        Lines =
        [
            $"{request.Path}: version {request.Version} is served" + response.PreviousVersion switch
            {
                0 => " now",
                var previous when previous == request.Version => ", as it was before",
                var previous => $" now, it was version {previous}",
            },
        ],
    };
}
