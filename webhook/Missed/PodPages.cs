using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Kubernetes;

namespace SidecarAgent.Webhook.Missed;

/// <summary>The metadata of all pods of the cluster that have not ended, page by page. Metadata alone: pods are large, and most are none of ours.</summary>
internal sealed class PodPages(ApiClient api)
{
    private const string MetadataOnly = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    private const int PageSize = 250;

    public async IAsyncEnumerable<JsonObject> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        string? more = null;
        var limit = PageSize;
        while (true)
        {
            JsonObject page;
            try
            {
                page = await api.ListAsync(ApiPaths.Pods(limit, more), MetadataOnly, cancellation);
            }
            catch (ApiException e) when (e.IsTooLarge && limit > 1)
            {
                limit = Math.Max(1, limit / 4);
                continue;
            }
            catch (ApiException e) when (e.Status is HttpStatusCode.Gone)
            {
                // The list is too old to go on with; the next pass begins anew.
                yield break;
            }

            more = page["metadata"] is JsonObject metadata && ApiTree.Text(metadata, "continue") is { Length: > 0 } left ? left : null;
            foreach (var item in (page["items"] as JsonArray ?? []).OfType<JsonObject>())
            {
                if (item["metadata"] is JsonObject pod)
                    yield return pod;
            }

            if (more is null)
                yield break;
        }
    }
}
