using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl;

/// <summary><c>cut-off list</c></summary>
internal static class CutOffListCommand
{
    public static Command Create(Cli cli)
    {
        var command = new Command("list", "Lists what is cut off now.");
        cli.AskBroker(command, async (_, broker, cancellation) =>
            Listed((await broker.ListCutOffsAsync(new ListCutOffsRequest(), cancellationToken: cancellation)).CutOffs));
        return command;
    }

    private static Answer Listed(IReadOnlyList<CutOff> cutOffs) =>
        new(new JsonArray([.. cutOffs.Select(Document)]))
        {
            Table = new Table(
                "Nothing is cut off.",
                ["ID", "TARGET", "SINCE", "BY", "REASON"],
                [.. cutOffs.Select(c => (string[])
                    [c.Id, Targets.Sentence(c.Target), Moment.Short(c.Since), c.By, c.Reason])]),
        };

    private static JsonNode Document(CutOff cutOff)
    {
        var (kind, name) = Targets.Of(cutOff.Target);
        return new JsonObject
        {
            ["id"] = cutOff.Id,
            ["target"] = new JsonObject { ["kind"] = kind, ["name"] = name },
            ["since"] = Moment.Exact(cutOff.Since),
            ["by"] = cutOff.By,
            ["reason"] = cutOff.Reason,
        };
    }
}
