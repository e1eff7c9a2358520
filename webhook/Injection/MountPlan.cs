namespace SidecarAgent.Webhook.Injection;

/// <summary>
/// Which containers get the secrets, and whether anything is in the way. Init containers that run before the agent get
/// none, because nothing is there yet; ephemeral containers never do, and those of a service mesh only where they are named.
/// </summary>
/// <param name="Receivers">The containers to add the mount to.</param>
/// <param name="Users">The application's containers that see the files: those that a signal would be for.</param>
/// <param name="LeftOut">Containers of other injectors, which get none unless they are named.</param>
/// <param name="Problems">What is in the way, a sentence each.</param>
internal sealed record MountPlan(
    IReadOnlyList<PodContainer> Receivers,
    IReadOnlyList<PodContainer> Users,
    IReadOnlyList<PodContainer> LeftOut,
    IReadOnlyList<string> Problems)
{
    public static MountPlan For(PodTree pod, InjectionRequest request, string mountPath)
    {
        var problems = new List<string>();
        var after = request.First ? pod.InitContainers : [];
        var possible = pod.Containers.Concat(after).ToList();
        var chosen = Choose(pod, request, possible, problems);

        foreach (var container in pod.Containers.Concat(pod.InitContainers).Concat(pod.EphemeralContainers))
            problems.AddRange(OwnMountProblems(container));
        var receivers = chosen.Where(container => !MountsSecrets(container)).ToList();
        problems.AddRange(receivers.SelectMany(container => CollisionProblems(container, mountPath)));

        var users = pod.Containers.Intersect(chosen).ToList();
        var leftOut = request.Containers is null ? possible.FindAll(MeshContainers.Has) : [];
        return new MountPlan(receivers, users, leftOut, problems);
    }

    private static List<PodContainer> Choose(
        PodTree pod, InjectionRequest request, List<PodContainer> possible, List<string> problems)
    {
        if (request.Containers is not { } names)
            return possible.FindAll(container => !MeshContainers.Has(container));
        var present = possible.Select(container => container.Name).ToHashSet(StringComparer.Ordinal);
        var early = pod.InitContainers.Select(container => container.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in names.Where(name => !present.Contains(name)))
        {
            var isEarly = early.Contains(name);
            problems.Add($"annotation {Annotations.Prefix}{Annotations.Containers}: " + (isEarly
                ? $"init container {Foreign.Quote(name)} runs before the agent, because {Annotations.First} is \"false\""
                : $"the pod has no container {Foreign.Quote(name)}; it has {Names(possible)}"));
        }

        var wanted = names.ToHashSet(StringComparer.Ordinal);
        return possible.FindAll(container => wanted.Contains(container.Name));
    }

    /// <summary>What is wrong with mounts of our volumes that the pod's author wrote.</summary>
    private static IEnumerable<string> OwnMountProblems(PodContainer container)
    {
        var who = $"container {Foreign.Quote(container.Name)}";
        foreach (var mount in PodTree.Objects(container.Fields, "volumeMounts"))
        {
            if (PodTree.Name(mount) == AgentContainer.TokenVolume)
                yield return $"{who} mounts {AgentContainer.TokenVolume}, which only the agent may";
            if (PodTree.Name(mount) != AgentContainer.SecretsVolume)
                continue;
            if (PodTree.Text(mount, "subPath") is { Length: > 0 } || PodTree.Text(mount, "subPathExpr") is { Length: > 0 })
                yield return $"{who} mounts {AgentContainer.SecretsVolume} with a subPath, which would never see a rotation; "
                    + "mount the whole volume, or leave it to the webhook";
            if (PodTree.Flag(mount, "readOnly") is not true)
                yield return $"{who} mounts {AgentContainer.SecretsVolume} writable; only the agent writes there: set readOnly: true";
        }
    }

    private static IEnumerable<string> CollisionProblems(PodContainer container, string mountPath)
    {
        foreach (var mount in PodTree.Objects(container.Fields, "volumeMounts"))
        {
            var path = MountPathRule.Shortest(PodTree.Text(mount, "mountPath") ?? "");
            var relation = path == mountPath ? "is already"
                : MountPathRule.IsWithin(mountPath, path) ? "lies inside"
                : MountPathRule.IsWithin(path, mountPath) ? "would hide"
                : null;
            if (relation is not null)
                yield return $"the mount path {mountPath} {relation} the mount of volume {Foreign.Quote(PodTree.Name(mount))} "
                    + $"({Foreign.Plain(path)}) in container {Foreign.Quote(container.Name)}; choose another with "
                    + $"{Annotations.Prefix}{Annotations.MountPath}, or leave the container out with {Annotations.Prefix}{Annotations.Containers}";
        }
    }

    private static bool MountsSecrets(PodContainer container) =>
        PodTree.Objects(container.Fields, "volumeMounts").Any(mount => PodTree.Name(mount) == AgentContainer.SecretsVolume);

    private static string Names(IEnumerable<PodContainer> containers) =>
        string.Join(", ", containers.Take(10).Select(container => Foreign.Plain(container.Name)));
}
