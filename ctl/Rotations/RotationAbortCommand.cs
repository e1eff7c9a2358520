using System.CommandLine;
using SidecarAgent.Ctl.Output;
using SidecarAgent.Ctl.Secrets;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Rotations;

/// <summary><c>rotation abort PATH</c></summary>
internal static class RotationAbortCommand
{
    public static Command Create(Cli cli)
    {
        var path = SecretPathArgument.Create();
        var command = new Command("abort", "Ends a rotation; if its new version is served, the old one is served again.") { path };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var request = new AbortRotationRequest { Path = parsed.GetRequiredValue(path).ToString() };
            var rotation = (await broker.AbortRotationAsync(request, cancellationToken: cancellation)).Rotation;
            return new Answer(RotationWords.Document(rotation))
            {
                Lines = [$"{rotation.Path}: the rotation has ended; version {rotation.FromVersion} is served"],
            };
        });
        return command;
    }
}
