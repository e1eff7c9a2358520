using System.Text.Json.Nodes;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Revocation;

/// <summary>Revocations that are followed, as they are written.</summary>
internal static class RevocationWords
{
    /// <summary>How far it has got, in one line.</summary>
    public static string Progress(RevokeAndWatchResponse progress) =>
        $"{Quantity.Of(progress.LeasesEnded, "lease")} ended, "
        + $"{progress.HoldersTold} of {Quantity.Of(progress.Holders, "holder")} told"
        + (progress.Accounts == 0 ? "" : $", {progress.AccountsDropped} of {Quantity.Of(progress.Accounts, "account")} dropped");

    /// <summary>The same, from 0 to 1.</summary>
    public static double Share(RevokeAndWatchResponse progress) => progress.Holders + progress.Accounts == 0
        ? 1
        : (double)(progress.HoldersTold + progress.AccountsDropped) / (progress.Holders + progress.Accounts);

    public static Answer Ended(Target target, RevokeAndWatchResponse end) => new(Document(end))
    {
        Lines =
        [
            $"{Targets.Sentence(target)} is cut off: {Progress(end)}",
            .. end.NotReached.Select(Sentence),
            .. end.NotDropped.Select(Sentence),
            $"'sidecarctl cut-off lift {end.CutOffId}' ends it",
        ],
        Failure = Failure(end),
    };

    public static JsonObject Document(RevokeAndWatchResponse progress) => new()
    {
        ["cutOffId"] = progress.CutOffId,
        ["finished"] = progress.Finished,
        ["leasesEnded"] = progress.LeasesEnded,
        ["holders"] = progress.Holders,
        ["holdersTold"] = progress.HoldersTold,
        ["accounts"] = progress.Accounts,
        ["accountsDropped"] = progress.AccountsDropped,
        ["notReached"] = new JsonArray([.. progress.NotReached.Select(holder => new JsonObject
        {
            ["workload"] = Identities.Document(holder.Workload),
            ["connected"] = holder.Connected,
        })]),
        ["notDropped"] = new JsonArray([.. progress.NotDropped.Select(account => new JsonObject
        {
            ["workload"] = Identities.Document(account.Workload),
            ["path"] = account.Path,
            ["account"] = account.Account,
            ["problem"] = account.Problem,
        })]),
    };

    private static string Sentence(HolderNotReached holder) => $"  not told: {Pod(holder.Workload)}: "
        + (holder.Connected ? "connected, and does not read what it is told" : "not connected; it learns of it when it comes back");

    private static string Sentence(AccountNotDropped account) =>
        $"  not dropped: {account.Account} of {account.Path}, made for {Pod(account.Workload)}: "
        + (account.Problem.Length == 0 ? "its turn has not come" : account.Problem);

    private static string Pod(WorkloadIdentity? workload) =>
        $"{Identities.Name(workload)}, pod {Identities.OrNone(workload?.Pod)} on node {Identities.OrNone(workload?.Node)}";

    private static string? Failure(RevokeAndWatchResponse end)
    {
        var (holders, accounts) = (end.Holders - end.HoldersTold, end.Accounts - end.AccountsDropped);
        string[] missing =
        [
            .. holders == 0 ? (string[])[] : [$"{Quantity.Of(holders, "holder")} not told"],
            .. accounts == 0 ? (string[])[] : [$"{Quantity.Of(accounts, "account")} not dropped"],
        ];
        return missing.Length == 0
            ? null
            : $"the cut-off is in force, and it has not reached everything: {string.Join(", ", missing)}; "
                + "'sidecarctl lease list --revoking' and '--irrevocable' show the accounts, which the broker goes on to drop";
    }
}
