using System.Text.Json.Nodes;

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

    /// <summary>The pod must be the one that the plan was made for.</summary>
    public void ApplyTo(PodTree pod)
    {
        var volumes = PodTree.List(pod.Spec, "volumes");
        volumes.Add((JsonNode)AgentContainer.MemoryVolume(VolumeSize));
        volumes.Add((JsonNode)AgentContainer.TokenSource(Audience, Request.TokenExpiration));
        foreach (var container in Mounts.Receivers)
            PodTree.List(container, "volumeMounts").Add((JsonNode)AgentContainer.ReadOnlyMount(Agent.MountPath));

        AddContainers(pod.Spec);
        AddGroup(pod.Spec);
        if (Signals.SharesProcesses)
            pod.Spec["shareProcessNamespace"] = true;
        var annotations = PodTree.Map(PodTree.Map(pod.Root, "metadata"), "annotations");
        annotations[Annotations.Prefix + Annotations.Status] = Annotations.Injected;
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
            $"mount {Agent.MountPath}, read-only, in {string.Join(", ", Mounts.Receivers.Select(PodTree.Name).DefaultIfEmpty("no container"))}",
            $"group {Agent.Group} in supplementalGroups: whoever a container runs as, it can read files of mode 0440",
        };
        lines.AddRange(Request.Files.Select(Explain));
        if (Request.Signals)
            lines.Add($"shareProcessNamespace, and the agent runs as user {Agent.User}: a signal needs both");
        return lines;
    }

    private string Explain(RequestedFile file)
    {
        var source = file.Template is not null ? "from its template"
            : file.Field is not null ? $"field {file.Field} of {file.Secret}"
            : $"{file.Secret} as {file.Format}";
        return $"file {Agent.MountPath}/{file.File} ({file.ModeText}): {source}";
    }

    private void AddContainers(JsonObject spec)
    {
        var init = PodTree.List(spec, "initContainers");
        var at = Request.First ? 0 : init.Count;
        init.Insert(at, Request.Mode switch
        {
            InjectionMode.Init => Agent.Init(AgentContainer.Name),
            InjectionMode.Classic => Agent.Init(AgentContainer.InitName),
            _ => Agent.Sidecar(),
        });
        if (Request.Mode is InjectionMode.Classic)
            PodTree.List(spec, "containers").Add((JsonNode)Agent.Ordinary());
    }

    private void AddGroup(JsonObject spec)
    {
        var groups = PodTree.List(PodTree.Map(spec, "securityContext"), "supplementalGroups");
        if (groups.All(group => PodTree.Number(group) != Agent.Group))
            groups.Add((JsonNode)JsonValue.Create(Agent.Group));
    }
}
