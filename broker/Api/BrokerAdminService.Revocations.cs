using Grpc.Core;
using SidecarAgent.V1;

using static SidecarAgent.Broker.Api.WorkloadRequests;

namespace SidecarAgent.Broker.Api;

internal sealed partial class BrokerAdminService
{
    public override async Task RevokeAndWatch(
        RevokeAndWatchRequest request, IServerStreamWriter<RevokeAndWatchResponse> responseStream, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var (kind, target) = OperatorRequests.Target(request.Revoke?.Target);
        var reason = Sentence(request.Revoke!.Reason, "reason");
        var deadline = RevocationResponses.Deadline(request.Deadline);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        RevokeAndWatchResponse? last = null;
        try
        {
            await foreach (var (status, isFinal) in gate.RevokeAndFollowAsync(by, kind, target, reason, deadline, end.Token))
            {
                var response = RevocationResponses.Progress(status, isFinal);
                if (!response.Equals(last))
                    await responseStream.WriteAsync(response, end.Token);
                last = response;
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new RequestFailedException(ErrorReason.Stopping, "the broker is stopping; the cut-off stays");
        }
    }
}
