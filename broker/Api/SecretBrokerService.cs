using Grpc.Core;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Watch;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Api;

/// <summary>The calls of workloads: who is it, what does it want, ask the gate, say it.</summary>
internal sealed class SecretBrokerService(
    Authentication authentication, Gate gate, Watchers watchers, WatchedTokens tokens, Farewell farewell, LimitOptions limits,
    IHostApplicationLifetime lifetime, TimeProvider clock)
    : SecretBroker.SecretBrokerBase
{
    public override async Task Watch(
        WatchRequest request, IServerStreamWriter<WatchResponse> responseStream, ServerCallContext context)
    {
        var caller = await authentication.CallerAsync(context, request.Secrets.Count);
        var conversation = new Conversation(WorkloadRequests.Wishes(request.Secrets));
        using var watcher = watchers.Add(caller.Workload, conversation.Paths, limits.Watches);
        var http = context.GetHttpContext();
        using var token = tokens.Add(Authentication.Token(http).ToString());
        // A watch lasts for hours; one copy of its token is enough.
        http.Request.Headers.Authorization = default;
        using var end = new WatchEnd(
            caller.TokenExpiresAt, clock, token, lifetime.ApplicationStopping, context.CancellationToken);
        using var waking = end.Token.UnsafeRegister(static watcher => ((Watcher)watcher!).Wake(), watcher);
        try
        {
            // Asked after being woken counts as seen: nobody would wake it again.
            for (var released = watcher.BeginLook(); !end.IsOver; released = watcher.BeginLook())
            {
                conversation.Forget(released);
                var outcomes = await gate.AskAsync(caller.Workload, conversation.Wishes, longest: false, end.Token);
                try
                {
                    var news = conversation.Note(outcomes, clock.GetUtcNow());
                    if (news.Count > 0)
                        await responseStream.WriteAsync(new WatchResponse { Updates = { Updates(news) } });
                }
                finally
                {
                    Dispose(outcomes);
                }

                watcher.EndLook();
                await watcher.WaitAsync(conversation.LookAgainAt, clock);
            }
        }
        catch (OperationCanceledException) when (end.IsOver)
        {
            // In the middle of a look.
        }

        if (end.Failure(farewell) is { } failure)
            Errors.End(context, failure);
    }

    public override async Task<FetchResponse> Fetch(FetchRequest request, ServerCallContext context)
    {
        var caller = await authentication.CallerAsync(context, request.Secrets.Count);
        var wishes = WorkloadRequests.Wishes(request.Secrets);
        var outcomes = await gate.AskAsync(caller.Workload, wishes, request.LongestLease, context.CancellationToken);
        foreach (var outcome in outcomes)
            context.GetHttpContext().Response.RegisterForDispose(outcome);
        return new FetchResponse { Updates = { Updates(wishes.Select(wish => wish.Path).Zip(outcomes)) } };
    }

    public override async Task<AcknowledgeResponse> Acknowledge(AcknowledgeRequest request, ServerCallContext context)
    {
        var caller = await authentication.CallerAsync(context, request.Acknowledgements.Count);
        var verdicts = WorkloadRequests.Verdicts(request.Acknowledgements);
        var ended = await gate.AcknowledgeAsync(caller.Workload, verdicts, context.CancellationToken);
        return new AcknowledgeResponse { EndedLeaseIds = { ended } };
    }

    public override async Task<RenewResponse> Renew(RenewRequest request, ServerCallContext context)
    {
        var caller = await authentication.CallerAsync(context, request.LeaseIds.Count);
        var ids = WorkloadRequests.LeaseIds(request.LeaseIds);
        var renewals = await gate.RenewAsync(caller.Workload, ids, context.CancellationToken);
        var now = clock.GetUtcNow();
        return new RenewResponse { Renewals = { ids.Zip(renewals, (id, renewal) => Responses.Renewal(id, renewal, now)) } };
    }

    public override async Task<ReleaseResponse> Release(ReleaseRequest request, ServerCallContext context)
    {
        var caller = await authentication.CallerAsync(context, request.LeaseIds.Count);
        await gate.ReleaseAsync(caller.Workload, WorkloadRequests.LeaseIds(request.LeaseIds), context.CancellationToken);
        return new ReleaseResponse();
    }

    private IEnumerable<SecretUpdate> Updates(IEnumerable<(Secrets.SecretPath Path, Outcome Outcome)> outcomes)
    {
        var now = clock.GetUtcNow();
        return outcomes.Select(one => Responses.Update(one.Path, one.Outcome, now));
    }

    private static void Dispose(IReadOnlyList<Outcome> outcomes)
    {
        foreach (var outcome in outcomes)
            outcome.Dispose();
    }
}
