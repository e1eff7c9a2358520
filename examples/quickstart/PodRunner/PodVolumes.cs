namespace SidecarAgent.Quickstart.PodRunner;

/// <summary>The pod's volumes as directories of the host, each open to all like the kubelet's (mode 1777).</summary>
internal sealed class PodVolumes(PodDefinition pod, PodRunOptions options, Action<string> report) : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode OpenToAll = (UnixFileMode)0b_111_111_111 | UnixFileMode.StickyBit;

    /// <exception cref="InvalidPodException">The container mounts a volume that the pod has not got.</exception>
    public MountPaths MountsOf(ContainerDefinition container)
    {
        var missing = container.Mounts.FirstOrDefault(mount => pod.Volumes.All(volume => volume.Name != mount.Volume));
        return missing is null
            ? new MountPaths(container.Mounts.ToDictionary(mount => mount.Path, mount => DirectoryOf(mount.Volume)))
            : throw new InvalidPodException($"container '{container.Name}': the pod has no volume '{missing.Volume}'");
    }

    /// <summary>Makes the directories and writes the first tokens.</summary>
    /// <returns>The renewals, which go on until <paramref name="stopping"/>.</returns>
    /// <exception cref="TokenIssueException"/>
    public async Task<Task> PrepareAsync(CancellationToken stopping)
    {
        Directory.CreateDirectory(options.Directory, OwnerOnly);
        var renewals = new List<Task>();
        foreach (var volume in pod.Volumes)
        {
            var directory = DirectoryOf(volume.Name);
            Directory.CreateDirectory(directory);
            // Not at its making, where the process's umask would take bits away.
            File.SetUnixFileMode(directory, OpenToAll);
            if (volume is not TokenVolume tokens)
                continue;
            var renewal = new TokenRenewal(directory, tokens, pod.Identity, options.IssueToken, options.Time, report);
            await renewal.WriteAsync(stopping);
            renewals.Add(renewal.RunAsync(stopping));
        }

        return Task.WhenAll(renewals);
    }

    public void Dispose()
    {
        if (Directory.Exists(options.Directory))
            Directory.Delete(options.Directory, recursive: true);
    }

    private string DirectoryOf(string volume) => Path.Combine(options.Directory, volume);
}
