namespace SidecarAgent.Quickstart.Installation;

/// <summary>
/// One run's own directory, mode 0700, on a tmpfs because development keys and the pods' volumes are in it. Removed with
/// everything in it at the end.
/// </summary>
internal sealed class WorkDirectory : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public WorkDirectory()
    {
        Root = Path.Combine("/dev/shm", $"sidecar-agent-{Guid.NewGuid():N}"[..26]);
        Directory.CreateDirectory(Root, OwnerOnly);
    }

    public string Root { get; }

    /// <summary>What every process has written, a file for each.</summary>
    public string Logs => Make("logs");

    /// <summary>A directory inside, made if it is missing.</summary>
    public string Make(string name) => Directory.CreateDirectory(Path.Combine(Root, name), OwnerOnly).FullName;

    /// <returns>The file's path.</returns>
    public string Write(string name, string text)
    {
        var path = Path.Combine(Root, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
