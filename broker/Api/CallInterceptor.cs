using Grpc.Core;
using Grpc.Core.Interceptors;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Telemetry;

namespace SidecarAgent.Broker.Api;

/// <summary>
/// The edge of every call: errors become statuses here, those that nobody foresaw are logged, all are counted.
/// </summary>
internal sealed partial class CallInterceptor(BrokerMetrics metrics, TimeProvider clock, ILogger<CallInterceptor> logger)
    : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        var started = clock.GetTimestamp();
        var code = StatusCode.OK;
        try
        {
            return await continuation(request, context);
        }
        catch (Exception e)
        {
            var failure = Translate(e, context);
            code = failure.StatusCode;
            throw failure;
        }
        finally
        {
            metrics.Answered(context.Method, code, clock.GetElapsedTime(started));
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        var code = StatusCode.OK;
        try
        {
            await continuation(request, responseStream, context);
            code = context.Status.StatusCode;
        }
        catch (Exception e)
        {
            var failure = Translate(e, context);
            code = failure.StatusCode;
            throw failure;
        }
        finally
        {
            metrics.Answered(context.Method, code, time: null);
        }
    }

    private RpcException Translate(Exception error, ServerCallContext context)
    {
        // A stream whose caller is gone fails in many ways; none of them is news.
        if (context.CancellationToken.IsCancellationRequested)
            return new RpcException(new Status(StatusCode.Cancelled, "the caller hung up"));
        if (error is StorageUnavailableException)
            metrics.StorageFailed();
        if (Errors.Translate(error) is { } known)
            return known;
        LogUnforeseen(context.Method, error);
        return Errors.Failure(ErrorReason.Internal, "an error inside the broker; its log says more");
    }

    [LoggerMessage(LogLevel.Error, "{Method} failed for a reason that nobody foresaw. This is a bug.")]
    private partial void LogUnforeseen(string method, Exception error);
}
