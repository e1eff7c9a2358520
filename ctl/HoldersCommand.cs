using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.Ctl.Secrets;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl;

/// <summary><c>holders PATH</c></summary>
internal static class HoldersCommand
{
    public static Command Create(Cli cli)
    {
        var path = SecretPathArgument.Create();
        var command = new Command("holders", "Says who holds which version of a secret, and what they made of it.") { path };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var request = new ListHoldersRequest { Path = parsed.GetRequiredValue(path).ToString() };
            return Listed((await broker.ListHoldersAsync(request, cancellationToken: cancellation)).Holders);
        });
        return command;
    }

    private static Answer Listed(IReadOnlyList<Holder> holders) =>
        new(new JsonArray([.. holders.Select(h => new JsonObject
        {
            ["workload"] = Identities.Document(h.Workload),
            ["leaseId"] = h.LeaseId,
            ["version"] = h.Version,
            ["issuedAt"] = Moment.Exact(h.IssuedAt),
            ["expiresAt"] = Moment.Exact(h.ExpiresAt),
            ["outcome"] = Outcome(h.Outcome),
            ["acknowledgedAt"] = Moment.Exact(h.AcknowledgedAt),
            ["reason"] = h.Reason,
            ["connected"] = h.Connected,
        })]))
        {
            Table = new Table(
                "Nobody holds it.",
                ["WORKLOAD", "POD", "NODE", "VERSION", "EXPIRES", "CONNECTED", "OUTCOME"],
                [.. holders.Select(h => (string[])
                [
                    Identities.Name(h.Workload),
                    Identities.OrNone(h.Workload?.Pod),
                    Identities.OrNone(h.Workload?.Node),
                    h.Version.ToString(CultureInfo.InvariantCulture),
                    Moment.Short(h.ExpiresAt),
                    h.Connected ? "yes" : "no",
                    h.Reason.Length > 0 ? $"{Outcome(h.Outcome)}: {h.Reason}" : Outcome(h.Outcome),
                ])]),
        };

    private static string Outcome(Acknowledgement.Types.Outcome outcome) => outcome switch
    {
        Acknowledgement.Types.Outcome.Applied => "applied",
        Acknowledgement.Types.Outcome.Rejected => "rejected",
        _ => "waiting",
    };
}
