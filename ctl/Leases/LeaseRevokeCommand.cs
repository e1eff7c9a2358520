using System.CommandLine;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Leases;

/// <summary><c>lease revoke ID | --prefix PREFIX</c></summary>
internal static class LeaseRevokeCommand
{
    public static Command Create(Cli cli)
    {
        var id = new Argument<string?>("ID")
        {
            Description = "As 'lease list' and 'holders' print it.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var prefix = new Option<string?>("--prefix")
        {
            Description = "All leases on paths that begin with this, such as database/creds/orders.",
            HelpName = "PREFIX",
        };
        var command = new Command(
            "revoke", "Ends leases and drops their accounts; holders that still ask get new ones. 'revoke' keeps them out.")
        {
            id,
            prefix,
        };
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var request = Request(parsed.GetValue(id), parsed.GetValue(prefix));
            return Revoked(await broker.RevokeLeasesAsync(request, cancellationToken: cancellation));
        });
        return command;
    }

    private static RevokeLeasesRequest Request(string? id, string? prefix) => (id, prefix) switch
    {
        ({ Length: > 0 }, null) => new RevokeLeasesRequest { LeaseId = id },
        (null, { Length: > 0 }) => new RevokeLeasesRequest { Prefix = prefix },
        _ => throw CommandFailedException.Usage("say which leases with either an ID or --prefix"),
    };

    private static Answer Revoked(RevokeLeasesResponse response) => new(new JsonObject
    {
        ["leasesEnded"] = response.LeasesEnded,
        ["accountsRetried"] = response.AccountsRetried,
    })
    {
        Lines =
        [
            $"{Quantity.Of(response.LeasesEnded, "lease")} ended; holders that still ask get new ones",
            .. response.AccountsRetried == 0
                ? (string[])[]
                : [$"{Quantity.Of(response.AccountsRetried, "account")} of leases that had ended before will be tried again now"],
        ],
    };
}
