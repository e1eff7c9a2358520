using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Keys;

/// <summary><c>key rotate</c></summary>
internal static class KeyRotateCommand
{
    public static Command Create(Cli cli)
    {
        var command = new Command("rotate", "Makes a new key-encryption key where the broker can, or says who else must.");
        cli.AskBroker(command, async (_, broker, cancellation) =>
            Rotated(await broker.RotateKeyAsync(new RotateKeyRequest(), cancellationToken: cancellation)));
        return command;
    }

    private static Answer Rotated(RotateKeyResponse response) => new(new JsonObject
    {
        ["keyId"] = response.KeyId,
        ["previousKeyId"] = response.PreviousKeyId,
        ["previousFile"] = response.PreviousFile,
    })
    {
        Lines =
        [
            $"{response.KeyId} wraps from now on; put a copy of its file in a safe now",
            $"{response.PreviousKeyId} still unwraps, from {response.PreviousFile}: "
                + "'sidecarctl key rewrap' leaves nothing for it but the backups of before",
        ],
    };
}
