using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl;

/// <summary><c>cut-off lift ID</c></summary>
internal static class CutOffLiftCommand
{
    public static Command Create(Cli cli)
    {
        var id = new Argument<string>("ID") { Description = "As 'revoke' and 'cut-off list' print it." };
        var command = new Command("lift", "Ends a cut-off: its targets are served again at once.") { id };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var request = new LiftCutOffRequest { Id = parsed.GetRequiredValue(id) };
            await broker.LiftCutOffAsync(request, cancellationToken: cancellation);
            return new Answer(new JsonObject { ["id"] = request.Id })
            {
                Lines = [$"{request.Id} is lifted; its targets are served again, unless another cut-off is about them"],
            };
        });
        return command;
    }
}
