using System.CommandLine;
using SidecarAgent.Ctl.Output;
using SidecarAgent.Ctl.Secrets;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Rotations;

/// <summary><c>rotation resume PATH</c></summary>
internal static class RotationResumeCommand
{
    public static Command Create(Cli cli)
    {
        var path = SecretPathArgument.Create();
        var command = new Command(
            "resume", "Lets a rotation go on to its deadline although holders have rejected the new version.") { path };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var request = new ResumeRotationRequest { Path = parsed.GetRequiredValue(path).ToString() };
            var rotation = (await broker.ResumeRotationAsync(request, cancellationToken: cancellation)).Rotation;
            return new Answer(RotationWords.Document(rotation))
            {
                Lines = [$"{rotation.Path}: the rotation goes on; holders have until {Moment.Short(rotation.Deadline)}"],
            };
        });
        return command;
    }
}
