using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using SidecarAgent.Ctl.Rotations;
using SidecarAgent.Ctl.Secrets;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl;

/// <summary><c>rotate PATH [--deadline 10m] [--watch]</c></summary>
internal static class RotateCommand
{
    public static Command Create(Cli cli)
    {
        var path = SecretPathArgument.Create();
        var deadline = new Option<TimeSpan?>("--deadline")
        {
            Description = "How long holders have to acknowledge before the old version goes. Default: as the broker says",
            HelpName = "DURATION",
            CustomParser = result => Durations.Parser(TimeSpan.FromSeconds(1), TimeSpan.FromDays(30))(result),
        };
        var watch = WatchOption.Create();
        var command = new Command(
            "rotate", "Makes a new version, serves it, and revokes the old one when all holders have acknowledged.")
        {
            path, deadline, watch,
        };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var request = new RotateSecretRequest
            {
                Path = parsed.GetRequiredValue(path).ToString(),
                Deadline = parsed.GetValue(deadline)?.ToDuration(),
            };
            var response = await broker.RotateSecretAsync(request, cancellationToken: cancellation);
            return parsed.GetValue(watch)
                ? RotationAnswer.Followed(await cli.View(parsed).FollowAsync(broker, request.Path, cancellation))
                : RotationAnswer.Begun(response.Rotation, response.Began);
        });
        return command;
    }
}
