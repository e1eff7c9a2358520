using System.Security.Cryptography;

namespace SidecarAgent.Agent.Files;

/// <summary>
/// Tells programs that watch a file itself, and not its directory, that it was replaced. inotify follows links to the
/// file of the generation that was current then; no swap of a link reaches it. Kubelet's volumes wake such programs by
/// deleting the old files, ours stay for slow readers. So each old file is replaced by a copy of itself: who watches sees
/// the old one deleted, who reads finds the same bytes.
/// </summary>
internal static class WatchedFiles
{
    /// <param name="directory">Of the generation that was just superseded.</param>
    public static void Wake(DirectoryHandle directory)
    {
        foreach (var name in directory.Names().Where(name => !name.StartsWith("..", StringComparison.Ordinal)))
        {
            if (directory.Find(name) is not { } entry)
                continue;
            if (entry.Kind == DirectoryEntryKind.Directory)
            {
                using var below = directory.OpenDirectory(name);
                Wake(below);
            }
            else if (entry.Kind == DirectoryEntryKind.File)
            {
                Replace(directory, name, entry);
            }
        }
    }

    private static void Replace(DirectoryHandle directory, string name, DirectoryEntry entry)
    {
        var content = directory.ReadFile(name, entry.Size);
        try
        {
            directory.WriteFile(ReservedNames.Replacement, entry.Group, entry.Mode, content, sync: false);
            directory.Rename(ReservedNames.Replacement, name);
        }
        catch (MountException error) when (error.IsFull)
        {
            // No room for a second copy, even for a moment. Setting the mode again is at least seen as a change.
            directory.RemoveIfThere(ReservedNames.Replacement);
            using var file = directory.OpenFile(name);
            directory.SetMode(file, name, entry.Mode);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }
}
