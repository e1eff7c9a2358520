using System.Globalization;
using System.Text.Json;
using SidecarAgent.Webhook.Injection;

namespace SidecarAgent.Ctl;

/// <summary>A pod in a document: the document itself, or the template from which a workload makes its pods.</summary>
/// <param name="Name">How messages call it, such as <c>deployment/web</c>.</param>
/// <param name="Namespace">Where it says it will be; null: it does not.</param>
/// <param name="Pod">The pod or the template.</param>
/// <param name="Pointer">Where it is in the document (RFC 6901); empty: it is the document.</param>
internal sealed record WorkloadPod(string Name, string? Namespace, JsonElement Pod, string Pointer)
{
    /// <summary>Whether annotations of ours are on the workload itself, where nobody reads them.</summary>
    public bool IsMisplaced { get; private init; }

    /// <summary>Whether the pod has annotations of ours at all.</summary>
    public bool IsAnnotated { get; private init; }

    /// <summary>The kinds that make pods, and where their templates are.</summary>
    private static readonly Dictionary<string, string[]> Templates = new(StringComparer.Ordinal)
    {
        ["Pod"] = [],
        ["PodTemplate"] = ["template"],
        ["Deployment"] = ["spec", "template"],
        ["StatefulSet"] = ["spec", "template"],
        ["DaemonSet"] = ["spec", "template"],
        ["ReplicaSet"] = ["spec", "template"],
        ["ReplicationController"] = ["spec", "template"],
        ["Job"] = ["spec", "template"],
        ["CronJob"] = ["spec", "jobTemplate", "spec", "template"],
    };

    /// <summary>The pod of a document; several, or none, if it is a list.</summary>
    public static IEnumerable<WorkloadPod> FindIn(JsonElement document) => FindIn(document, "");

    private static IEnumerable<WorkloadPod> FindIn(JsonElement document, string pointer)
    {
        var kind = PodTree.Text(document, "kind");
        if (kind is "List" && PodTree.Member(document, "items") is { ValueKind: JsonValueKind.Array } items)
            return items.EnumerateArray().SelectMany((item, i) => FindIn(item, string.Create(CultureInfo.InvariantCulture, $"{pointer}/items/{i}")));
        if (kind is null || (Templates.GetValueOrDefault(kind) ?? Custom(document)) is not { } steps)
            return [];

        var pod = steps.Aggregate(document, PodTree.Member);
        if (pod.ValueKind is not JsonValueKind.Object)
            return [];
        var metadata = PodTree.Member(document, "metadata");
        var name = PodTree.Text(metadata, "name") ?? PodTree.Text(metadata, "generateName") ?? "(no name)";
        return [new WorkloadPod(Foreign.Plain($"{kind.ToLowerInvariant()}/{name}"), PodTree.Text(metadata, "namespace"), pod,
            pointer + string.Concat(steps.Select(step => "/" + step)))
        {
            IsMisplaced = steps.Length > 0 && Asks(metadata),
            IsAnnotated = Asks(PodTree.Member(pod, "metadata")),
        }];
    }

    /// <summary>Kinds of operators, such as Argo's Rollout, keep their template where Kubernetes' own do.</summary>
    private static string[]? Custom(JsonElement document)
    {
        string[] steps = ["spec", "template"];
        var containers = PodTree.Member(PodTree.Member(steps.Aggregate(document, PodTree.Member), "spec"), "containers");
        return containers.ValueKind is JsonValueKind.Array ? steps : null;
    }

    private static bool Asks(JsonElement metadata) =>
        PodTree.Member(metadata, "annotations") is { ValueKind: JsonValueKind.Object } annotations
        && annotations.EnumerateObject().Any(annotation => annotation.Name.StartsWith(Annotations.Prefix, StringComparison.Ordinal));
}
