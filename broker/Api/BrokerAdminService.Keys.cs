using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Storage;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Api;

internal sealed partial class BrokerAdminService
{
    public override async Task<GetKeyStatusResponse> GetKeyStatus(GetKeyStatusRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var counts = await gate.CountKeysAsync(by, context.CancellationToken);
        return new GetKeyStatusResponse
        {
            Keys =
            {
                counts.Select(count => new KeySummary
                {
                    KeyId = count.KeyId,
                    Current = count.KeyId == keys.CurrentId,
                    Configured = keys.Knows(count.KeyId),
                    Fields = (ulong)count.Fields,
                }),
            },
            Services =
            {
                keys.Services.Select(service => new KeyService
                {
                    Name = service.Name,
                    Problem = service.Problem ?? "",
                    LastAnswer = service.LastAnswer?.ToTimestamp(),
                }),
            },
        };
    }

    public override async Task<RotateKeyResponse> RotateKey(RotateKeyRequest request, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        var (keyId, previous, file) = await gate.RotateKeyAsync(by, context.CancellationToken);
        return new RotateKeyResponse { KeyId = keyId, PreviousKeyId = previous, PreviousFile = file };
    }

    public override async Task RewrapKeys(
        RewrapKeysRequest request, IServerStreamWriter<RewrapKeysResponse> responseStream, ServerCallContext context)
    {
        var by = await authentication.OperatorAsync(context);
        WorkloadRequests.Require(
            request.MaxPerSecond <= Rewrap.HighestRate,
            $"max_per_second: 1 to {Rewrap.HighestRate} are allowed, got {request.MaxPerSecond}");
        var rate = request.MaxPerSecond == 0 ? Rewrap.DefaultRate : (int)request.MaxPerSecond;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(
            context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            var end = await gate.RewrapAsync(
                by, rate, progress => responseStream.WriteAsync(Progress(progress, finished: false), stop.Token), stop.Token);
            await responseStream.WriteAsync(Progress(end, finished: true), stop.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new RequestFailedException(
                ErrorReason.Stopping, "the broker is stopping; what is wrapped anew stays so, and another rewrap does the rest");
        }
    }

    private static RewrapKeysResponse Progress(RewrapProgress progress, bool finished) => new()
    {
        KeyId = progress.KeyId,
        Total = (ulong)progress.Total,
        Done = (ulong)progress.Done,
        Failed = (ulong)progress.Failed,
        Problem = progress.Problem ?? "",
        Finished = finished,
    };
}
