using Mono.Unix.Native;

namespace SidecarAgent.Agent.Files;

/// <summary>What stands under a name in a directory; links are told, never followed.</summary>
internal readonly record struct DirectoryEntry(DirectoryEntryKind Kind, uint User, uint Group, UnixFileMode Mode, long Size)
{
    private static readonly uint Agent = Syscall.geteuid();

    public static DirectoryEntry From(in Stat stat) => new(
        (stat.st_mode & FilePermissions.S_IFMT) switch
        {
            FilePermissions.S_IFREG => DirectoryEntryKind.File,
            FilePermissions.S_IFDIR => DirectoryEntryKind.Directory,
            FilePermissions.S_IFLNK => DirectoryEntryKind.Link,
            _ => DirectoryEntryKind.Other,
        },
        stat.st_uid,
        stat.st_gid,
        (UnixFileMode)(stat.st_mode & FilePermissions.ALLPERMS),
        stat.st_size);

    /// <summary>Made by the user that the agent runs as. In a sticky directory nobody else can have put it there.</summary>
    public bool IsMine => User == Agent;
}
