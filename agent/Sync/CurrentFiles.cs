using SidecarAgent.Agent.Files;

namespace SidecarAgent.Agent.Sync;

/// <summary>Reads back what the application sees, for files that go over into the next generation as they are.</summary>
internal sealed class CurrentFiles(MountDirectory mount, Projection projection)
{
    private const int MaxBytes = 64 * 1024 * 1024;

    public bool Any => projection.Current is not null;

    public bool Contains(FilePath path) => projection.Contains(path);

    /// <returns>The bytes, the caller's to zero; null: no such file in the current generation.</returns>
    public byte[]? TryRead(FilePath path)
    {
        if (projection.Current is not { } generation || !projection.Contains(path))
            return null;
        var directory = mount.Root.OpenDirectory(generation.DirectoryName);
        try
        {
            foreach (var name in path.Names.SkipLast(1))
            {
                var below = directory.OpenDirectory(name);
                directory.Dispose();
                directory = below;
            }

            return directory.Find(path.Names[^1]) is { } entry
                ? directory.ReadFile(path.Names[^1], Math.Min(entry.Size, MaxBytes))
                : null;
        }
        finally
        {
            directory.Dispose();
        }
    }
}
