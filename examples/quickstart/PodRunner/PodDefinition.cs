namespace SidecarAgent.Quickstart.PodRunner;

/// <summary>
/// What the runner understands of a Kubernetes Pod (core/v1), after the API server's work: name, uid and node are set.
/// </summary>
/// <param name="RestartPolicy">For the ordinary containers: Always, OnFailure or Never.</param>
/// <param name="InitContainers">In their order; native sidecars among them.</param>
internal sealed record PodDefinition(
    PodIdentity Identity,
    RestartPolicy RestartPolicy,
    IReadOnlyList<VolumeDefinition> Volumes,
    IReadOnlyList<ContainerDefinition> InitContainers,
    IReadOnlyList<ContainerDefinition> Containers);

/// <summary>Who the pod is: what the downward API tells and what its tokens are bound to.</summary>
internal sealed record PodIdentity(
    string Namespace,
    string Name,
    string Uid,
    string ServiceAccount,
    string Node,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyDictionary<string, string> Annotations);

internal enum RestartPolicy
{
    Always,
    OnFailure,
    Never,
}

/// <param name="Command">Replaces the image's entry point unless empty.</param>
/// <param name="Sidecar">A native sidecar: an init container with restartPolicy Always.</param>
/// <param name="PostStart">The command of lifecycle.postStart.exec; empty: none.</param>
internal sealed record ContainerDefinition(
    string Name,
    string Image,
    IReadOnlyList<string> Command,
    IReadOnlyList<string> Args,
    IReadOnlyList<EnvironmentVariable> Environment,
    IReadOnlyList<VolumeMount> Mounts,
    bool Sidecar,
    IReadOnlyList<string> PostStart);

/// <param name="Value">May name earlier variables as <c>$(NAME)</c>.</param>
internal sealed record EnvironmentVariable(string Name, string Value);

internal sealed record VolumeMount(string Volume, string Path);

internal abstract record VolumeDefinition(string Name);

/// <summary>An emptyDir. It is on a tmpfs here, whether its medium is Memory or not.</summary>
internal sealed record EmptyDirectoryVolume(string Name) : VolumeDefinition(Name);

/// <summary>A projected volume of service account tokens.</summary>
internal sealed record TokenVolume(string Name, IReadOnlyList<ProjectedToken> Tokens) : VolumeDefinition(Name);

/// <param name="Path">File name in the volume.</param>
internal sealed record ProjectedToken(string Path, string Audience, TimeSpan Lifetime);
