using System.Runtime.CompilerServices;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Watch;

namespace SidecarAgent.Broker;

internal sealed partial class Gate
{
    /// <summary>
    /// As <see cref="RevokeAsync"/>, and says again and again how far it has got: holders told, accounts dropped. The last
    /// one is final.
    /// </summary>
    /// <param name="by">Who asks.</param>
    /// <param name="kind">What is cut off.</param>
    /// <param name="target">Its name.</param>
    /// <param name="reason">One sentence.</param>
    /// <param name="deadline">When the last word is said in any case.</param>
    /// <param name="cancellationToken">Ends the saying; the cut-off stays.</param>
    public async IAsyncEnumerable<(RevocationStatus Status, bool IsFinal)> RevokeAndFollowAsync(
        Operator by, CutOffKind kind, string target, string reason, TimeSpan deadline,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var cutOff = await BeginCutOffAsync(by, kind, target, reason, cancellationToken);
        var (ended, recorded) = await CutAsync(by, cutOff);
        var began = clock.GetTimestamp();
        var follower = new RevocationFollower(cutOff, ended, watchers, clock);
        follower.Tell();
        await recorded;
        var leases = ended.Where(lease => mounts.Find<Credentials.DynamicEngine>(lease.Path) is not null).Select(lease => lease.Id).ToHashSet();
        RevocationStatus? status = null;
        try
        {
            while (true)
            {
                var notDropped = leases.Count == 0 ? [] : await revocations.PendingAsync(leases, cancellationToken);
                status = new RevocationStatus(cutOff, ended, follower.Holders, follower.NotTold(), leases.Count, notDropped);
                var isOver = status.IsOver(clock.GetElapsedTime(began), deadline);
                yield return (status, isOver);
                if (isOver)
                    yield break;
                await follower.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            var notTold = status?.NotTold.Count ?? follower.Holders;
            metrics.Revoked("told", follower.Holders - notTold);
            metrics.Revoked("not_reached", notTold);
        }
    }
}
