using System.Text.Json.Nodes;

namespace SidecarAgent.Webhook.Kubernetes;

/// <summary>
/// An object that the manifests ship empty, so that nobody need be allowed to create any of its kind (RBAC cannot limit that to a
/// name). Who has deleted it has to apply them again, or to allow it.
/// </summary>
/// <param name="Kind">Such as <c>Secret</c>.</param>
internal sealed record ShippedObject(string Kind, string Namespace, string Name)
{
    /// <param name="path">Where objects of its kind are made.</param>
    /// <exception cref="ApiException">The API server does not do it; the message says what to do if it may not.</exception>
    public async Task<JsonObject> CreateAsync(ApiClient api, string path, JsonObject body, CancellationToken cancellation)
    {
        try
        {
            return await api.CreateAsync(path, body, cancellation);
        }
        catch (ApiException e) when (e.IsForbidden)
        {
            throw new ApiException(e.Status, $"there is no {Kind} '{Name}' in namespace '{Namespace}', and the webhook may not create one; "
                + "apply the manifests again (kubectl apply -k deploy/base), which hold it empty", e);
        }
    }
}
