using System.Text;
using SidecarAgent.Agent.Files;

namespace SidecarAgent.Agent.Tests.Files;

/// <summary>A directory of its own on a real tmpfs, opened as a mount and removed afterwards.</summary>
internal sealed class TemporaryMount : IDisposable
{
    public const UnixFileMode Mode0440 = UnixFileMode.UserRead | UnixFileMode.GroupRead;

    public TemporaryMount()
    {
        Path = $"/dev/shm/sidecar-agent-{Guid.NewGuid():N}";
        System.IO.Directory.CreateDirectory(Path);
        Directory = MountDirectory.Open(Path, allowDisk: false);
    }

    public string Path { get; }

    public MountDirectory Directory { get; private set; }

    public string this[string name] => $"{Path}/{name}";

    public Projection Open(TimeProvider? time = null) => Projection.Open(Directory, group: null, time ?? TimeProvider.System);

    /// <summary>As a process does that was started again.</summary>
    public Projection Restart()
    {
        Directory.Dispose();
        Directory = MountDirectory.Open(Path, allowDisk: false);
        return Open();
    }

    /// <summary>Lets another process write here.</summary>
    public void Close() => Directory.Dispose();

    public static FilePath At(string text) =>
        FilePath.TryParse(text, out var path, out var problem) ? path : throw new ArgumentException(problem, nameof(text));

    public static ProjectedFile File(string path, string content, UnixFileMode mode = Mode0440) =>
        new(At(path), Encoding.UTF8.GetBytes(content), mode);

    /// <summary>The names in the mount, the agent's own among them.</summary>
    public IReadOnlyList<string> Names() =>
        [.. System.IO.Directory.EnumerateFileSystemEntries(Path).Select(path => System.IO.Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    public IReadOnlyList<string> Generations() => [.. Names().Where(name => Generation.TryParse(name, out _))];

    public string Read(string name) => System.IO.File.ReadAllText(this[name]);

    public string LinkTarget(string name) => new FileInfo(this[name]).LinkTarget ?? throw new InvalidOperationException($"{name} is no link");

    public void Dispose()
    {
        Directory.Dispose();
        System.IO.Directory.Delete(Path, recursive: true);
    }
}
