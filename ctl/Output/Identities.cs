using System.Text.Json.Nodes;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Output;

/// <summary>Workloads as they are written.</summary>
internal static class Identities
{
    public static JsonObject Document(WorkloadIdentity? workload) => new()
    {
        ["namespace"] = workload?.Namespace,
        ["serviceAccount"] = workload?.ServiceAccount,
        ["pod"] = workload?.Pod,
        ["podUid"] = workload?.PodUid,
        ["node"] = workload?.Node,
    };

    /// <summary>NAMESPACE/SERVICEACCOUNT.</summary>
    public static string Name(WorkloadIdentity? workload) => $"{workload?.Namespace}/{workload?.ServiceAccount}";

    public static string OrNone(string? text) => string.IsNullOrEmpty(text) ? "-" : text;
}
