using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Leases;

/// <summary><c>lease list [--prefix PREFIX] [--workload NS/SA | --workload spiffe://... | --pod NS/POD | --namespace NS] [--node NODE] [--revoking | --irrevocable]</c></summary>
internal static class LeaseListCommand
{
    public static Command Create(Cli cli)
    {
        var filter = new LeaseFilterOptions();
        var command = new Command(
            "list", "Lists the leases that live; or those that have ended, whose accounts outside are still to be dropped.");
        filter.AddTo(command);
        cli.AskBroker(command, async (parsed, broker, cancellation) =>
        {
            var request = filter.Read(parsed);
            var leases = await ReadAllAsync(broker, request, cancellation);
            return new Answer(new JsonArray([.. leases.Select(Document)]))
            {
                Table = request.State == LeaseState.Live ? Live(leases) : Ended(leases),
            };
        });
        return command;
    }

    private static async Task<IReadOnlyList<LeaseSummary>> ReadAllAsync(
        BrokerAdmin.BrokerAdminClient broker, ListLeasesRequest request, CancellationToken cancellation)
    {
        var leases = new List<LeaseSummary>();
        do
        {
            var page = await broker.ListLeasesAsync(request, cancellationToken: cancellation);
            leases.AddRange(page.Leases);
            if (page.NextPageToken.Length > 0 && page.NextPageToken == request.PageToken)
                throw CommandFailedException.Failed("the broker sent the same page twice; its log may say why");
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        return [.. leases.OrderBy(lease => lease.Path, StringComparer.Ordinal).ThenBy(lease => lease.Version)];
    }

    private static Table Live(IReadOnlyList<LeaseSummary> leases) => new(
        "There are no such leases.",
        ["ID", "PATH", "VERSION", "WORKLOAD", "POD", "NODE", "EXPIRES", "ACCOUNT"],
        [.. leases.Select(lease => (string[])[.. Start(lease), Moment.Short(lease.ExpiresAt), Identities.OrNone(lease.Account)])]);

    private static Table Ended(IReadOnlyList<LeaseSummary> leases) => new(
        "No account is left to be dropped.",
        ["ID", "PATH", "VERSION", "WORKLOAD", "POD", "NODE", "ENDED", "ACCOUNT", "FAILED", "NEXT TRY", "PROBLEM"],
        [.. leases.Select(lease => (string[])
        [
            .. Start(lease), Moment.Short(lease.EndedAt), lease.Account, lease.Attempts.ToString(CultureInfo.InvariantCulture),
            Moment.Short(lease.NextAttemptAt), Identities.OrNone(lease.Problem),
        ])]);

    private static string[] Start(LeaseSummary lease) =>
    [
        lease.Id, lease.Path, lease.Version.ToString(CultureInfo.InvariantCulture), Identities.Name(lease.Workload),
        Identities.OrNone(lease.Workload?.Pod), Identities.OrNone(lease.Workload?.Node),
    ];

    private static JsonObject Document(LeaseSummary lease) => new()
    {
        ["id"] = lease.Id,
        ["path"] = lease.Path,
        ["version"] = lease.Version,
        ["workload"] = Identities.Document(lease.Workload),
        ["state"] = lease.State.ToString().ToLowerInvariant(),
        ["issuedAt"] = Moment.Exact(lease.IssuedAt),
        ["expiresAt"] = Moment.Exact(lease.ExpiresAt),
        ["account"] = lease.Account,
        ["endedAt"] = Moment.Exact(lease.EndedAt),
        ["attempts"] = lease.Attempts,
        ["nextAttemptAt"] = Moment.Exact(lease.NextAttemptAt),
        ["problem"] = lease.Problem,
    };
}
