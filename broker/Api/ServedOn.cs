namespace SidecarAgent.Broker.Api;

/// <summary>Endpoint metadata: the listeners that an endpoint answers on. An endpoint without it answers on none.</summary>
internal sealed record ServedOn(params Listener[] Listeners)
{
    /// <summary>Hides every endpoint from the listeners that it is not served on.</summary>
    public static Task HideElsewhereAsync(HttpContext context, RequestDelegate next)
    {
        var listener = context.Features.Get<ConnectedThrough>()?.Listener;
        if (context.GetEndpoint() is { } endpoint
            && !(listener is { } here && endpoint.Metadata.GetMetadata<ServedOn>()?.Listeners.Contains(here) == true))
        {
            context.SetEndpoint(null);
        }

        return next(context);
    }
}
