using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SidecarAgent.Agent.Files;

/// <summary>The few calls that Mono.Posix lacks.</summary>
internal static partial class Libc
{
    /// <summary>statfs(2), TMPFS_MAGIC and RAMFS_MAGIC.</summary>
    public const long TmpfsMagic = 0x01021994;
    public const long RamfsMagic = 0x858458f6;

    /// <summary>flock(2): LOCK_EX | LOCK_NB.</summary>
    public const int LockExclusiveAtOnce = 2 | 4;

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    public static partial int StatFileSystem(SafeFileHandle file, out FileSystemStat stat);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(SafeFileHandle file, int operation);

    /// <summary>struct statfs of 64-bit Linux: the type comes first, the rest is not needed.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    public struct FileSystemStat
    {
        public long Type;
    }
}
