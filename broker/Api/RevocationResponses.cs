using Google.Protobuf.WellKnownTypes;
using SidecarAgent.Broker.Watch;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Api;

/// <summary>What is asked and said of a revocation that is followed.</summary>
internal static class RevocationResponses
{
    private const int Most = 1000;

    private static readonly TimeSpan Usually = TimeSpan.FromSeconds(30);

    public static TimeSpan Deadline(Duration? deadline)
    {
        var time = deadline is null ? Usually : RotationRequests.TimeSpanOf(deadline) ?? TimeSpan.Zero;
        WorkloadRequests.Require(
            time >= TimeSpan.FromSeconds(1) && time <= TimeSpan.FromHours(1), "deadline: 1s to 1h are allowed");
        return time;
    }

    public static RevokeAndWatchResponse Progress(RevocationStatus status, bool isFinal)
    {
        var response = new RevokeAndWatchResponse
        {
            CutOffId = status.CutOff.Id,
            LeasesEnded = (uint)status.Ended.Count,
            Holders = (uint)status.Holders,
            HoldersTold = (uint)(status.Holders - status.NotTold.Count),
            Accounts = (uint)status.Accounts,
            AccountsDropped = (uint)(status.Accounts - status.NotDropped.Count),
            Finished = isFinal,
        };
        if (!isFinal)
            return response;
        response.NotReached.AddRange(status.NotTold.Take(Most).Select(holder => new HolderNotReached
        {
            Workload = Responses.Workload(holder.Workload),
            Connected = holder.Connected,
        }));
        response.NotDropped.AddRange(status.NotDropped.Take(Most).Select(credential => new AccountNotDropped
        {
            Workload = Responses.Workload(credential.Workload),
            Path = credential.Path.ToString(),
            Account = credential.Account.Value,
            Problem = credential.Problem ?? "",
        }));
        return response;
    }
}
