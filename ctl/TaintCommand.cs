using System.CommandLine;
using SidecarAgent.Ctl.Rotations;
using SidecarAgent.Ctl.Secrets;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl;

/// <summary><c>taint PATH [--watch]</c></summary>
internal static class TaintCommand
{
    public static Command Create(Cli cli)
    {
        var path = SecretPathArgument.Create();
        var watch = WatchOption.Create();
        var command = new Command("taint", "Says that a secret is compromised: it is revoked at once, and a new version is pushed.")
        {
            path, watch,
        };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var request = new TaintSecretRequest { Path = parsed.GetRequiredValue(path).ToString() };
            var response = await broker.TaintSecretAsync(request, cancellationToken: cancellation);
            return parsed.GetValue(watch)
                ? RotationAnswer.Followed(await cli.View(parsed).FollowAsync(broker, request.Path, cancellation))
                : RotationAnswer.Begun(response.Rotation, began: true);
        });
        return command;
    }
}
