namespace SidecarAgent.Agent.Files;

/// <summary>The set of files below a mount. Shape only in this commit; the behaviour follows.</summary>
internal sealed class Projection : IDisposable
{
    private readonly MountDirectory _mount;

    private Projection(MountDirectory mount) => _mount = mount;

    /// <summary>The set that the application sees; null: none yet.</summary>
    public Generation? Current { get; private set; }

    /// <summary>Takes the mount for itself (one writer at a time) and repairs what a crash left behind.</summary>
    /// <param name="mount">Stays the caller's to dispose.</param>
    /// <param name="group">Group id of all files and directories; null: the agent's own.</param>
    /// <param name="time">Names generations and ages superseded ones.</param>
    public static Projection Open(MountDirectory mount, uint? group, TimeProvider time) => new(mount);

    /// <summary>What was given to the last <see cref="Write"/>; empty when there is no generation.</summary>
    public byte[] ReadManifest() => throw new NotSupportedException(_mount.Path);

    /// <summary>Makes these files, and no others, what the application sees.</summary>
    /// <returns>The new generation; the present one when nothing but the manifest differs.</returns>
    /// <exception cref="MountException">Nothing changed for the application.</exception>
    public Generation Write(IReadOnlyList<ProjectedFile> files, ReadOnlyMemory<byte> manifest) => throw new NotSupportedException(_mount.Path);

    /// <summary>Removes generations that were replaced at least this long ago; zero: all but the current one.</summary>
    /// <returns>How many went.</returns>
    public int RemoveSuperseded(TimeSpan olderThan) => throw new NotSupportedException(_mount.Path);

    /// <summary>Removes all that is ours, contents overwritten with zeros; foreign content stays.</summary>
    public void Scrub() => throw new NotSupportedException(_mount.Path);

    /// <summary>Whether an application that opens this path now finds a file of the current generation.</summary>
    public bool Contains(FilePath path) => throw new NotSupportedException(_mount.Path);

    public void Dispose()
    {
    }
}
