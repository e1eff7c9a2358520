using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace SidecarAgent.Webhook.Tests.Kit;

/// <summary>Lists pods as an API server does: in pages, as metadata alone, without those that have ended.</summary>
internal static class PodList
{
    public static (int Status, JsonObject Answer) Page(IReadOnlyDictionary<string, JsonObject> objects, HttpRequest request)
    {
        Assert.Contains("as=PartialObjectMetadataList", request.Headers.Accept.ToString(), StringComparison.Ordinal);
        Assert.Equal("status.phase!=Succeeded,status.phase!=Failed", request.Query["fieldSelector"]);
        var limit = int.Parse(request.Query["limit"]!, CultureInfo.InvariantCulture);
        var from = request.Query.TryGetValue("continue", out var more) ? int.Parse(more!, CultureInfo.InvariantCulture) : 0;
        var pods = objects.Where(o => o.Key.Contains("/pods/", StringComparison.Ordinal) && IsRunning(o.Value))
            .OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => o.Value).ToList();
        var items = pods.Skip(from).Take(limit).Select(pod => (JsonNode)new JsonObject { ["metadata"] = pod["metadata"]!.DeepClone() });
        var left = from + limit < pods.Count ? $"{from + limit}" : "";
        return (200, new JsonObject
        {
            ["kind"] = "PartialObjectMetadataList",
            ["metadata"] = new JsonObject { ["continue"] = left },
            ["items"] = new JsonArray([.. items]),
        });
    }

    private static bool IsRunning(JsonObject pod) => (string?)pod["status"]?["phase"] is not ("Succeeded" or "Failed");
}
