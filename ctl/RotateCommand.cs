using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.Ctl.Secrets;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl;

/// <summary><c>rotate PATH</c></summary>
internal static class RotateCommand
{
    public static Command Create(Cli cli)
    {
        var path = SecretPathArgument.Create();
        var command = new Command("rotate", "Gives every generated field of a secret a fresh value, and tells the holders.")
        {
            path,
        };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var request = new RotateSecretRequest { Path = parsed.GetRequiredValue(path).ToString() };
            return Rotated(request.Path, await broker.RotateSecretAsync(request, cancellationToken: cancellation));
        });
        return command;
    }

    private static Answer Rotated(string path, RotateSecretResponse response) => new(new JsonObject
    {
        ["path"] = path,
        ["version"] = response.Rotation.ToVersion,
        ["holders"] = response.Rotation.Holders,
    })
    {
        Lines =
        [
            $"{path}: version {response.Rotation.ToVersion} is served now; "
                + (response.Rotation.Holders == 0
                    ? "nobody holds it"
                    : $"{Quantity.Of(response.Rotation.Holders, "holder")} will be told: "
                        + $"'sidecarctl holders {path}' shows how far it got"),
        ],
    };
}
