using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Keys;

/// <summary><c>key status</c></summary>
internal static class KeyStatusCommand
{
    public static Command Create(Cli cli)
    {
        var command = new Command("status", "Says which keys wrap how much of what is stored, and whether they can be used.");
        cli.AskBroker(command, async (_, broker, cancellation) =>
            Shown(await broker.GetKeyStatusAsync(new GetKeyStatusRequest(), cancellationToken: cancellation)));
        return command;
    }

    private static Answer Shown(GetKeyStatusResponse status) => new(new JsonObject
    {
        ["keys"] = new JsonArray([.. status.Keys.Select(key => new JsonObject
        {
            ["keyId"] = key.KeyId,
            ["current"] = key.Current,
            ["configured"] = key.Configured,
            ["fields"] = key.Fields,
        })]),
        ["services"] = new JsonArray([.. status.Services.Select(service => new JsonObject
        {
            ["name"] = service.Name,
            ["up"] = service.Problem.Length == 0,
            ["problem"] = service.Problem,
            ["lastAnswer"] = Moment.Exact(service.LastAnswer),
        })]),
    })
    {
        Lines =
        [
            .. status.Services.Select(service => service.Problem.Length == 0
                ? $"{service.Name}: good"
                : $"{service.Name}: {service.Problem}; last used {Moment.Short(service.LastAnswer)}"),
        ],
        Table = new Table(
            "Nothing is stored, and the key service has not named its key yet.",
            ["KEY", "FIELDS", "USE"],
            [.. status.Keys.Select(key => (string[])
            [
                key.KeyId,
                key.Fields.ToString(CultureInfo.InvariantCulture),
                Use(key),
            ])]),
    };

    private static string Use(KeySummary key) => key switch
    {
        { Current: true } => "wraps and unwraps",
        { Configured: true } => "unwraps; 'sidecarctl key rewrap' leaves nothing for it",
        _ => "is not configured: what it wrapped cannot be read",
    };
}
