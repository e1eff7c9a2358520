using System.Text.Json.Nodes;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Output;

/// <summary>Workloads as they are written.</summary>
internal static class Identities
{
    public static JsonObject Document(WorkloadIdentity? workload)
    {
        var document = Names(workload);
        if (workload?.SpiffeId is { Length: > 0 } id)
            document["spiffeId"] = id;
        return document;
    }

    private static JsonObject Names(WorkloadIdentity? workload) => new()
    {
        ["namespace"] = workload?.Namespace,
        ["serviceAccount"] = workload?.ServiceAccount,
        ["pod"] = workload?.Pod,
        ["podUid"] = workload?.PodUid,
        ["node"] = workload?.Node,
    };

    /// <summary>NAMESPACE/SERVICEACCOUNT, or the SPIFFE ID.</summary>
    public static string Name(WorkloadIdentity? workload) =>
        workload?.SpiffeId is { Length: > 0 } id ? id : $"{workload?.Namespace}/{workload?.ServiceAccount}";

    public static string OrNone(string? text) => string.IsNullOrEmpty(text) ? "-" : text;
}
