using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Http.Features;

namespace SidecarAgent.Broker.Api;

/// <summary>
/// What runs before anything of a call over TLS is read. A request is kept in memory until it is whole, and one connection
/// can bring a hundred at a time: whoever has not proved who it is gets its answer without. What needs no proof, health and
/// reflection, is small, and only so many such calls may be open.
/// </summary>
internal sealed class Strangers(Authentication authentication)
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
        var proving = authentication.IsProvenAsync(context, isOperator: service == typeof(BrokerAdminService));
        return proving.IsCompletedSuccessfully && proving.Result ? next(context) : GoOnAsync(proving, context, next);
    }

    /// <summary>The service refuses who has proved nothing, whatever the request: this one never comes off the wire.</summary>
    private static async Task GoOnAsync(Task<bool> proving, HttpContext context, RequestDelegate next)
    {
        if (!await proving)
            context.Request.Body = new MemoryStream(EmptyMessage, writable: false);
        await next(context);
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
