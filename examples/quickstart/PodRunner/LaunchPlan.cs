namespace SidecarAgent.Quickstart.PodRunner;

/// <summary>A process to start: absolute program, arguments, and the whole environment, nothing inherited.</summary>
internal sealed record LaunchPlan(
    string Program,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>The container's own process.</summary>
    /// <exception cref="InvalidPodException">The command names no program of the image.</exception>
    public static LaunchPlan ForContainer(ContainerDefinition container, LocalImage image, MountPaths mounts, PortMap ports) =>
        container.Command.Count == 0
            ? Make(container, image, mounts, ports, [image.EntryPoint, .. container.Args])
            : Make(container, image, mounts, ports, [.. container.Command, .. container.Args]);

    /// <summary>The command of lifecycle.postStart.exec, which runs with the container's environment.</summary>
    /// <exception cref="InvalidPodException">The command names no program of the image.</exception>
    public static LaunchPlan ForPostStart(ContainerDefinition container, LocalImage image, MountPaths mounts, PortMap ports) =>
        Make(container, image, mounts, ports, container.PostStart);

    private static LaunchPlan Make(
        ContainerDefinition container, LocalImage image, MountPaths mounts, PortMap ports, IReadOnlyList<string> command)
    {
        var variables = new Dictionary<string, string>(image.Environment, StringComparer.Ordinal);
        var references = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in container.Environment)
        {
            references[variable.Name] = VariableReferences.Expand(variable.Value, references);
            variables[variable.Name] = ToHost(references[variable.Name]);
        }

        var words = command.Select(word => ToHost(VariableReferences.Expand(word, references))).ToList();
        return new LaunchPlan(FindProgram(container, image, words[0]), words[1..], variables);

        string ToHost(string text) => ports.ToHost(mounts.ToHost(text));
    }

    private static string FindProgram(ContainerDefinition container, LocalImage image, string name)
    {
        if (name == image.EntryPoint)
            return name;
        return image.Programs.GetValueOrDefault(name)
            ?? throw new InvalidPodException(
                $"container '{container.Name}': the image '{container.Image}' has no program '{name}' here");
    }
}
