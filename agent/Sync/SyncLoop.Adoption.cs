using Grpc.Core;
using SidecarAgent.Agent.Connection;
using SidecarAgent.Agent.Leases;

namespace SidecarAgent.Agent.Sync;

/// <content>Between two watches, another configuration may take the place of the present one.</content>
internal sealed partial class SyncLoop
{
    private volatile NewConfiguration? _next;

    /// <summary>
    /// Uses another configuration from now on, if it can be used. While the present broker is away that waits for it; a new
    /// broker, or identity, must work at once.
    /// </summary>
    /// <returns>Null: it is in use. Else why the old one stays.</returns>
    public Task<string?> AdoptAsync(NewConfiguration next, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _next = next;
            _reopen?.Cancel();
        }

        return next.Outcome.WaitAsync(cancellationToken);
    }

    /// <returns>Null: it is in use, or refused. Else why that cannot be said yet.</returns>
    private async Task<WatchEnd?> AdoptNextAsync(NewConfiguration next, CancellationToken cancellationToken)
    {
        try
        {
            var adoption = await sync.AdoptAsync(next.Plan, next.Line, cancellationToken);
            _next = null;
            if (adoption.Refused is { } why)
            {
                next.Refused(why);
            }
            else
            {
                if (next.Line is { } line)
                    broker.Switch(line);
                handover.Post(adoption.Applied, cancellationToken);
                next.Adopted();
            }

            await LeaseRelease.RunAsync(broker, adoption.Surplus, time, log, cancellationToken);
            return null;
        }
        catch (RpcException error)
        {
            var problem = BrokerProblem.Of(error);
            var isFinal = next.Line is not null || problem.IsDenial || problem.IsHopeless;
            return isFinal ? Refuse(next, problem.Sentence) : new WatchEnd(Worked: false, problem.Sentence, problem.RetryAfter);
        }
        catch (TokenException error)
        {
            return next.Line is not null ? Refuse(next, error.Message) : new WatchEnd(Worked: false, error.Message, RetryAfter: null);
        }
    }

    private WatchEnd? Refuse(NewConfiguration next, string why)
    {
        _next = null;
        next.Refused(next.Line is { } line ? $"the broker at {line.Broker.Address}: {why}" : why);
        return null;
    }
}
