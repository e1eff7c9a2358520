using Grpc.Core;
using SidecarAgent.V1;

using static SidecarAgent.Broker.Api.WorkloadRequests;

namespace SidecarAgent.Broker.Api;

internal sealed partial class BrokerAdminService
{
    private const int MostRotations = 1000;

    public override async Task<RotateSecretResponse> RotateSecret(RotateSecretRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var overlap = RotationRequests.Deadline(request.Deadline) ?? rotation.Deadline;
        var (status, began) = await gate.RotateAsync(by, Path(request.Path), overlap, context.CancellationToken);
        return new RotateSecretResponse { Rotation = RotationResponses.Rotation(status), Began = began };
    }

    public override async Task<TaintSecretResponse> TaintSecret(TaintSecretRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var status = await gate.TaintAsync(by, Path(request.Path), rotation.Deadline, context.CancellationToken);
        return new TaintSecretResponse { Rotation = RotationResponses.Rotation(status) };
    }

    public override async Task WatchRotation(
        WatchRotationRequest request, IServerStreamWriter<WatchRotationResponse> responseStream, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        WatchRotationResponse? last = null;
        try
        {
            await foreach (var status in await gate.FollowRotationAsync(by, Path(request.Path), end.Token))
            {
                var response = new WatchRotationResponse { Rotation = RotationResponses.Rotation(status) };
                if (!response.Equals(last))
                    await responseStream.WriteAsync(response, end.Token);
                last = response;
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new RequestFailedException(ErrorReason.Stopping, "the broker is stopping; the rotation goes on when it starts again");
        }
    }

    public override async Task<GetRotationResponse> GetRotation(GetRotationRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var (status, schedule) = await gate.RotationAsync(by, Path(request.Path), context.CancellationToken);
        return new GetRotationResponse
        {
            Rotation = status is null ? null : RotationResponses.Rotation(status),
            Schedule = RotationResponses.Schedule(schedule),
        };
    }

    public override async Task<ListRotationsResponse> ListRotations(ListRotationsRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var prefix = OperatorRequests.Prefix(request.Prefix);
        var listed = await gate.ListRotationsAsync(by, prefix, request.Ended, MostRotations, context.CancellationToken);
        return new ListRotationsResponse
        {
            Rotations = { listed.Select(status => RotationResponses.Rotation(status with { Laggards = [] })) },
        };
    }

    public override async Task<AbortRotationResponse> AbortRotation(AbortRotationRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var aborted = await gate.AbortRotationAsync(by, Path(request.Path), context.CancellationToken);
        return new AbortRotationResponse { Rotation = RotationResponses.Rotation(aborted) };
    }

    public override async Task<ResumeRotationResponse> ResumeRotation(ResumeRotationRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var resumed = await gate.ResumeRotationAsync(by, Path(request.Path), context.CancellationToken);
        return new ResumeRotationResponse { Rotation = RotationResponses.Rotation(resumed) };
    }

    public override async Task<SetRotationScheduleResponse> SetRotationSchedule(
        SetRotationScheduleRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var schedule = RotationRequests.Schedule(request.Schedule);
        var set = await gate.SetScheduleAsync(by, Path(request.Path), schedule, context.CancellationToken);
        return new SetRotationScheduleResponse { Schedule = RotationResponses.Schedule(set) };
    }
}
