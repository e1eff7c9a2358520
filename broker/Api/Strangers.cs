using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Http.Features;
using SidecarAgent.Broker.Limits;

namespace SidecarAgent.Broker.Api;

/// <summary>
/// What runs before anything of a call over TLS is read. A request is kept in memory until it is whole, and one connection
/// can bring a hundred at a time: whoever has not proved who it is gets its answer without, and a workload that has begun
/// too many, too. What needs no proof, health and reflection, is small, and only so many such calls may be open.
/// </summary>
internal sealed class Strangers(Authentication authentication, UnreadRequests unread)
{
    /// <summary>How many calls that need no proof may be open.</summary>
    public const int MostOpen = 256;

    /// <summary>How large a message may be that needs no proof.</summary>
    public const int MaxMessage = 4096;

    /// <summary>In the frame of gRPC.</summary>
    private static readonly byte[] EmptyMessage = new byte[5];

    private int _open;

    public Task MeetAsync(HttpContext context, RequestDelegate next)
    {
        var service = context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>()?.ServiceType;
        if (service is null || context.Features.Get<ConnectedThrough>()?.Listener != Listener.Tls)
            return next(context);
        if (service != typeof(SecretBrokerService) && service != typeof(BrokerAdminService))
            return CountAsync(context, next);
        var proving = authentication.ProveAsync(context, isOperator: service == typeof(BrokerAdminService));
        return proving.IsCompletedSuccessfully ? GoOnAsync(proving.Result, context, next) : GoOnAsync(proving, context, next);
    }

    private async Task GoOnAsync(Task<Proof> proving, HttpContext context, RequestDelegate next) =>
        await GoOnAsync(await proving, context, next);

    private Task GoOnAsync(Proof proof, HttpContext context, RequestDelegate next)
    {
        var mayBeRead = proof.IsProven;
        if (proof.Holder is { } holder)
        {
            var request = unread.Begin(holder);
            mayBeRead = !request.IsTooMany;
            context.Features.Set(request);
            // The service says when it is whole; some never are.
            context.Response.RegisterForDispose(request);
        }

        // The service refuses it, whatever it is: this one never comes off the wire.
        if (!mayBeRead)
            context.Request.Body = new MemoryStream(EmptyMessage, writable: false);
        return next(context);
    }

    private async Task CountAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            if (Interlocked.Increment(ref _open) > MostOpen)
            {
                // For a client of gRPC it is UNAVAILABLE.
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            }

            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
                size.MaxRequestBodySize = MaxMessage;
            await next(context);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}
