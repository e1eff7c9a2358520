using Mono.Unix.Native;

namespace SidecarAgent.Agent.Files;

/// <summary>
/// The directory that the application sees, checked once and held open: what happens to its path afterwards changes nothing.
/// Opening it touches nothing.
/// </summary>
internal sealed class MountDirectory : IDisposable
{
    private const string Advice = "mount a memory volume there (emptyDir with medium: Memory)";

    private MountDirectory(string path, DirectoryHandle root, bool isMemory)
    {
        Path = path;
        Root = root;
        IsMemory = isMemory;
    }

    public string Path { get; }

    public DirectoryHandle Root { get; }

    /// <summary>False only where a disk was allowed: then what is written must be synced to survive.</summary>
    public bool IsMemory { get; }

    /// <summary>Bytes that the volume gives out at least.</summary>
    public long BlockSize => (long)Statistics().f_frsize;

    /// <param name="path">Absolute, in its shortest form.</param>
    /// <param name="allowDisk">Take a directory that is not in memory. Secrets then reach a disk and outlive the pod.</param>
    /// <exception cref="MountException">Not there, not a directory, a link, or not in memory.</exception>
    public static MountDirectory Open(string path, bool allowDisk)
    {
        if (!path.StartsWith('/') || System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path)) != path)
            throw new MountException($"mount path '{path}' is not an absolute path in its shortest form, such as /secrets");
        var root = OpenRoot(path);
        try
        {
            var isMemory = IsInMemory(path, root);
            if (!isMemory && !allowDisk)
            {
                throw new MountException(
                    $"{path} is on {new DriveInfo(path).DriveFormat}, not on tmpfs: secrets would be written to a disk and "
                    + $"outlive the pod; {Advice}, or take that risk with --allow-disk");
            }

            return new MountDirectory(path, root, isMemory);
        }
        catch
        {
            root.Dispose();
            throw;
        }
    }

    /// <summary>Makes this process the only one that writes here, until the mount is disposed or the process ends.</summary>
    /// <exception cref="MountException">Another process is.</exception>
    public void Claim()
    {
        if (Libc.Lock(Root.Handle, Libc.LockExclusiveAtOnce) == 0)
            return;
        throw Stdlib.GetLastError() is Errno.EWOULDBLOCK
            ? new MountException($"another agent is writing to {Path}: give each agent a volume of its own")
            : new MountException($"lock {Path}", Stdlib.GetLastError());
    }

    /// <summary>What can still be written. A volume without limits answers <see cref="Room.Unlimited"/>.</summary>
    public Room Free()
    {
        var statistics = Statistics();
        return new Room(
            statistics.f_blocks == 0 ? long.MaxValue : (long)(statistics.f_bavail * statistics.f_frsize),
            statistics.f_files == 0 ? long.MaxValue : (long)statistics.f_favail);
    }

    public void Dispose() => Root.Dispose();

    private static DirectoryHandle OpenRoot(string path)
    {
        try
        {
            return DirectoryHandle.Open(path);
        }
        catch (MountException error) when (error.Error is Errno.ENOENT)
        {
            throw new MountException($"mount path {path} does not exist: {Advice}");
        }
        catch (MountException error) when (error.Error is Errno.ELOOP or Errno.ENOTDIR)
        {
            throw new MountException(File.ResolveLinkTarget(path, returnFinalTarget: false) is null
                ? $"mount path {path} is not a directory: {Advice}"
                : $"mount path {path} is a symbolic link: give the directory itself");
        }
    }

    private static bool IsInMemory(string path, DirectoryHandle root) =>
        Libc.StatFileSystem(root.Handle, out var stat) == 0
            ? stat.Type is Libc.TmpfsMagic or Libc.RamfsMagic
            : throw new MountException($"look at the file system of {path}", Stdlib.GetLastError());

    private Statvfs Statistics() =>
        Syscall.fstatvfs((int)Root.Handle.DangerousGetHandle(), out var statistics) == 0
            ? statistics
            : throw new MountException($"look at the room of {Path}", Stdlib.GetLastError());
}
