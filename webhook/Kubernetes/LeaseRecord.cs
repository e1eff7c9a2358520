using System.Globalization;
using System.Text.Json.Nodes;

namespace SidecarAgent.Webhook.Kubernetes;

/// <summary>What a coordination.k8s.io/v1 Lease says. Compared as a whole: any change is a sign of life of its holder.</summary>
/// <param name="Holder">Empty if it was given back.</param>
/// <param name="RenewTime">By the holder's clock, and so never compared with ours.</param>
internal sealed record LeaseRecord(string Holder, string? AcquireTime, string? RenewTime, long Transitions, string? ResourceVersion)
{
    private const string MicroTime = "yyyy-MM-ddTHH:mm:ss.ffffffZ";

    public static LeaseRecord Read(JsonObject lease)
    {
        var spec = lease["spec"] as JsonObject ?? [];
        return new LeaseRecord(
            ApiTree.Text(spec, "holderIdentity") ?? "",
            ApiTree.Text(spec, "acquireTime"),
            ApiTree.Text(spec, "renewTime"),
            ApiTree.Number(spec, "leaseTransitions") ?? 0,
            lease["metadata"] is JsonObject metadata ? ApiTree.Text(metadata, "resourceVersion") : null);
    }

    /// <summary>The object to send. What others keep in its metadata is not touched.</summary>
    /// <param name="lease">As it was read; null to make one.</param>
    public JsonObject Write(JsonObject? lease, string @namespace, string name, TimeSpan duration)
    {
        var written = (JsonObject?)lease?.DeepClone() ?? new JsonObject
        {
            ["apiVersion"] = "coordination.k8s.io/v1",
            ["kind"] = "Lease",
            ["metadata"] = new JsonObject { ["namespace"] = @namespace, ["name"] = name },
        };
        written["spec"] = new JsonObject
        {
            ["holderIdentity"] = Holder,
            ["leaseDurationSeconds"] = (int)duration.TotalSeconds,
            ["acquireTime"] = AcquireTime,
            ["renewTime"] = RenewTime,
            ["leaseTransitions"] = Transitions,
        };
        return written;
    }

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString(MicroTime, CultureInfo.InvariantCulture);
}
