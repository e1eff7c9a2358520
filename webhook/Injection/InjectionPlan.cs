using System.Text.Json;
using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Patch;

namespace SidecarAgent.Webhook.Injection;

/// <summary>All that will be done to one pod, worked out before the first change.</summary>
internal sealed record InjectionPlan(
    InjectionRequest Request,
    AgentContainer Agent,
    MountPlan Mounts,
    SignalPlan Signals,
    IReadOnlyList<string> Problems)
{
    public required Quantity VolumeSize { get; init; }

    public required string Audience { get; init; }

    /// <summary>What is added. Mounts come first: they name containers by places that an inserted container moves.</summary>
    /// <param name="pod">The pod that the plan was made for.</param>
    public IReadOnlyList<PatchOperation> PatchOf(PodTree pod)
    {
        var patch = new JsonPatch();
        foreach (var container in Mounts.Receivers)
            patch.Append(container.Fields, container.Pointer, "volumeMounts", AgentContainer.ReadOnlyMount(Agent.MountPath));
        var token = AgentContainer.TokenSource(Audience, Request.TokenExpiration);
        patch.Append(pod.Spec, "/spec", "volumes", DeclaredVolume.IsIn(pod) ? [token] : [AgentContainer.MemoryVolume(VolumeSize), token]);
        AddContainers(patch, pod);
        AddGroup(patch, pod.Spec);
        if (Signals.SharesProcesses)
            patch.Member("/spec", "shareProcessNamespace", true);
        AddMark(patch, pod.Root);
        return patch.Operations;
    }

    /// <summary>What is added and why, for <c>sidecarctl inject --explain</c>.</summary>
    public IReadOnlyList<string> Explain()
    {
        var lines = new List<string>
        {
            $"volume {AgentContainer.SecretsVolume}: {VolumeSize} of memory, so that no secret is ever on a disk",
            $"volume {AgentContainer.TokenVolume}: a token of the pod's service account, for audience '{Audience}', renewed every "
                + $"{Request.TokenExpiration} s at the latest; only the agent mounts it",
            Request.Mode switch
            {
                InjectionMode.Init => $"init container {AgentContainer.Name}: writes the files once and ends",
                InjectionMode.Classic => $"init container {AgentContainer.InitName} writes the files, container {AgentContainer.Name} keeps them fresh",
                _ => $"native sidecar {AgentContainer.Name}: what comes after it starts when the first files are there; it is stopped last",
            },
            Request.First ? "the agent comes before all other init containers" : "the agent comes after all other init containers",
            $"mount {Agent.MountPath}, read-only, in {Names(Mounts.Receivers)}"
                + (Mounts.LeftOut.Count > 0 ? $"; not in {Names(Mounts.LeftOut)}, which other injectors put there" : ""),
            $"group {Agent.Group} in supplementalGroups: whoever a container runs as, it can read files of mode 0440",
        };
        lines.AddRange(Request.Files.Select(Explain));
        if (Request.Signals)
            lines.Add($"shareProcessNamespace, and the agent runs as user {Agent.User}: a signal needs both");
        return lines;
    }

    private static string Names(IEnumerable<PodContainer> containers) =>
        string.Join(", ", containers.Select(container => container.Name).DefaultIfEmpty("no container"));

    private string Explain(RequestedFile file)
    {
        var source = file.Template is not null ? "from its template"
            : file.Field is not null ? $"field {file.Field} of {file.Secret}"
            : $"{file.Secret} as {file.Format}";
        return $"file {Agent.MountPath}/{file.File} ({file.ModeText}): {source}";
    }

    private void AddContainers(JsonPatch patch, PodTree pod)
    {
        patch.Insert(pod.Spec, "/spec", "initContainers", Request.First ? 0 : pod.InitContainers.Count, Request.Mode switch
        {
            InjectionMode.Init => Agent.Init(AgentContainer.Name),
            InjectionMode.Classic => Agent.Init(AgentContainer.InitName),
            _ => Agent.Sidecar(),
        });
        if (Request.Mode is InjectionMode.Classic)
            patch.Append(pod.Spec, "/spec", "containers", Agent.Ordinary());
    }

    private void AddGroup(JsonPatch patch, JsonElement spec)
    {
        if (PodTree.Member(spec, "securityContext") is not { ValueKind: JsonValueKind.Object } context)
            patch.Member("/spec", "securityContext", new JsonObject { ["supplementalGroups"] = new JsonArray(Agent.Group) });
        else if (PodTree.Member(context, "supplementalGroups") is not { ValueKind: JsonValueKind.Array } groups
            || groups.EnumerateArray().All(group => PodTree.Number(group) != Agent.Group))
            patch.Append(context, "/spec/securityContext", "supplementalGroups", Agent.Group);
    }

    private static void AddMark(JsonPatch patch, JsonElement root)
    {
        const string Name = Annotations.Prefix + Annotations.Status;
        if (PodTree.Member(root, "metadata") is not { ValueKind: JsonValueKind.Object } metadata)
            patch.Member("", "metadata", new JsonObject { ["annotations"] = new JsonObject { [Name] = Annotations.Injected } });
        else if (PodTree.Member(metadata, "annotations").ValueKind is not JsonValueKind.Object)
            patch.Member("/metadata", "annotations", new JsonObject { [Name] = Annotations.Injected });
        else
            patch.Member("/metadata/annotations", Name, Annotations.Injected);
    }
}
