using Grpc.Core;
using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Connection;
using SidecarAgent.Agent.Telemetry;
using SidecarAgent.V1;

namespace SidecarAgent.Agent.Leases;

/// <summary>Keeps the leases of the book alive, in as few calls as their times allow, while the broker is there.</summary>
/// <param name="book">What is held.</param>
/// <param name="broker">Is asked.</param>
/// <param name="link">Nothing is sent while it is down: the watch alone finds out whether the broker is back.</param>
/// <param name="askAnew">Gets the secrets whose leases can go on no longer; asks for others in their place.</param>
/// <param name="metrics">Counts.</param>
/// <param name="time">Says what is due.</param>
/// <param name="jitter">In [0, 1).</param>
/// <param name="log">Told once per change.</param>
internal sealed partial class LeaseRenewal(
    LeaseBook book,
    BrokerConnection broker,
    BrokerLink link,
    Action<IReadOnlyList<string>> askAnew,
    AgentMetrics metrics,
    TimeProvider time,
    Func<double> jitter,
    ILogger<LeaseRenewal> log)
{
    /// <summary>However short the leases are.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    /// <summary>Leases that another was asked for in place of: once each, until the broker says something about them.</summary>
    private readonly HashSet<HeldLease> _givenUp = [];

    private int _failures;

    /// <summary>Until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = book.Changed;
            var step = Decide();
            if (step.Renew.Count == 0 && step.Replace.Count == 0)
            {
                await LeaseWait.UntilAsync(changed, step.NextLook, time, cancellationToken);
                continue;
            }

            await link.WaitUntilUpAsync(cancellationToken);
            step = Decide();
            GiveUp(step.Replace);
            var askedFor = step.Renew.Count == 0 ? null : await RenewAsync(step.Renew, cancellationToken);
            var pause = Backoff.Delay(_failures, askedFor, jitter());
            await Task.Delay(pause > ShortestPause ? pause : ShortestPause, time, cancellationToken);
        }
    }

    private RenewalStep Decide()
    {
        var leases = book.All();
        _givenUp.IntersectWith(leases);
        return RenewalSchedule.Decide(time.GetUtcNow(), [.. leases.Except(_givenUp)]);
    }

    /// <returns>How long the broker asks to be left alone.</returns>
    private async Task<TimeSpan?> RenewAsync(IReadOnlyList<HeldLease> due, CancellationToken cancellationToken)
    {
        try
        {
            var request = new RenewRequest { LeaseIds = { due.Select(lease => lease.Id) } };
            var answer = await broker.RenewAsync(request, cancellationToken);
            Take(due, answer, time.GetUtcNow());
            LogRenewed(log, new Counted(answer.Renewals.Count, "lease"));
            _failures = 0;
            return null;
        }
        catch (RpcException error)
        {
            var problem = BrokerProblem.Of(error);
            Failed(due, problem.Sentence);
            return problem.RetryAfter;
        }
        catch (TokenException error)
        {
            Failed(due, error.Message);
            return null;
        }
    }

    private void Take(IReadOnlyList<HeldLease> due, RenewResponse answer, DateTimeOffset now)
    {
        var byId = due.ToDictionary(lease => lease.Id, StringComparer.Ordinal);
        var ended = new List<HeldLease>();
        var together = jitter();
        foreach (var renewal in answer.Renewals)
        {
            if (!byId.Remove(renewal.LeaseId, out var lease))
                continue;
            if (renewal.OutcomeCase is Renewal.OutcomeOneofCase.Lease)
            {
                // The secret's lease keeps its id; whatever else the answer calls it, it is this one.
                book.Extend(HeldLease.From(lease.Path, renewal.Lease, now, together) with { Id = lease.Id });
                metrics.Renewed(lease.Path, "ok");
            }
            else
            {
                metrics.Renewed(lease.Path, "ended");
                LogEnded(log, lease.Path, renewal.Ended?.Message ?? "no reason was given");
                ended.Add(lease);
            }
        }

        GiveUp(ended);
    }

    private void GiveUp(IReadOnlyList<HeldLease> leases)
    {
        if (leases.Count == 0)
            return;
        _givenUp.UnionWith(leases);
        askAnew([.. leases.Select(lease => lease.Path)]);
    }

    private void Failed(IReadOnlyList<HeldLease> due, string problem)
    {
        foreach (var lease in due)
            metrics.Renewed(lease.Path, "failed");
        if (++_failures == 1)
            LogFailed(log, new Counted(due.Count, "lease"), problem);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Asked for the renewal of {Leases}")]
    private static partial void LogRenewed(ILogger log, Counted leases);

    [LoggerMessage(Level = LogLevel.Information, Message = "The lease of {Secret} has ended ({Reason}); asking for another")]
    private static partial void LogEnded(ILogger log, string secret, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Leases} could not be renewed yet: {Problem}. Trying again; this is logged once until it works")]
    private static partial void LogFailed(ILogger log, Counted leases, string problem);
}
