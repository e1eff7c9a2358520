using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;

namespace SidecarAgent.Agent.Files;

/// <summary>
/// An open directory. Everything is done relative to it and by a single name, and no link is ever followed, so that nobody
/// who may write in the mount can lead the agent elsewhere between a check and its use.
/// </summary>
/// <remarks>Every failure is a <see cref="MountException"/> that names the action, the name and the directory.</remarks>
internal sealed class DirectoryHandle : IDisposable
{
    private const OpenFlags Safe = OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC;
    private const OpenFlags Directory = Safe | OpenFlags.O_DIRECTORY | OpenFlags.O_RDONLY;
    private const FilePermissions Mine = FilePermissions.S_IRWXU;

    private readonly SafeFileHandle _handle;
    private readonly string _path;

    private DirectoryHandle(SafeFileHandle handle, string path)
    {
        _handle = handle;
        _path = path;
    }

    /// <summary>For calls that take a descriptor and for syncing; stays owned by this object.</summary>
    public SafeFileHandle Handle => _handle;

    private int Descriptor => (int)_handle.DangerousGetHandle();

    public static DirectoryHandle Open(string path) =>
        new(Opened(Syscall.open(path, Directory), "open directory", path), path);

    public DirectoryHandle OpenDirectory(string name) =>
        new(Opened(Syscall.openat(Descriptor, name, Directory), "open directory", Below(name)), Below(name));

    /// <summary>A new directory that only the agent may enter until <see cref="Permit(uint, UnixFileMode)"/>.</summary>
    public DirectoryHandle CreateDirectory(string name)
    {
        Check(Syscall.mkdirat(Descriptor, name, Mine), "create directory", name);
        return OpenDirectory(name);
    }

    /// <summary>
    /// A new file, in the order that leaves no moment for a stranger: without permissions, then its group, then its mode,
    /// then its bytes.
    /// </summary>
    public void WriteFile(string name, uint group, UnixFileMode mode, ReadOnlySpan<byte> content, bool sync)
    {
        const OpenFlags create = Safe | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_WRONLY;
        using var file = Opened(Syscall.openat(Descriptor, name, create, 0), "create file", Below(name));
        Permit(file, name, group, mode);
        Write(file, name, content);
        if (sync)
            Check(Syscall.fsync((int)file.DangerousGetHandle()), "sync", name);
    }

    public SafeFileHandle OpenFile(string name) =>
        Opened(Syscall.openat(Descriptor, name, Safe | OpenFlags.O_RDONLY), "open file", Below(name));

    public SafeFileHandle OpenFileForWriting(string name) =>
        Opened(Syscall.openat(Descriptor, name, Safe | OpenFlags.O_WRONLY), "open file", Below(name));

    /// <param name="name">Of the file.</param>
    /// <param name="size">How much of it, in bytes; less where the file ends before.</param>
    public byte[] ReadFile(string name, long size)
    {
        using var file = OpenFile(name);
        var content = GC.AllocateUninitializedArray<byte>((int)size, pinned: true);
        var read = RandomAccess.Read(file, content, fileOffset: 0);
        return read == content.Length ? content : content[..read];
    }

    public DirectoryEntry? Find(string name)
    {
        if (Syscall.fstatat(Descriptor, name, out var stat, AtFlags.AT_SYMLINK_NOFOLLOW) == 0)
            return DirectoryEntry.From(stat);
        return Stdlib.GetLastError() is Errno.ENOENT ? null : throw Failed("look at", name);
    }

    public DirectoryEntry Look()
    {
        Check(Syscall.fstat(Descriptor, out var stat), "look at", ".");
        return DirectoryEntry.From(stat);
    }

    /// <summary>All names but <c>.</c> and <c>..</c>, in no order.</summary>
    public IReadOnlyList<string> Names()
    {
        var stream = Syscall.fdopendir(Syscall.openat(Descriptor, ".", Directory));
        if (stream == IntPtr.Zero)
            throw Failed("list", ".");
        try
        {
            var names = new List<string>();
            while (Syscall.readdir(stream) is { } entry)
            {
                if (entry.d_name is not ("." or ".."))
                    names.Add(entry.d_name);
            }

            return names;
        }
        finally
        {
            _ = Syscall.closedir(stream);
        }
    }

    public string ReadLink(string name)
    {
        var buffer = new byte[FilePath.MaxBytes];
        var length = Syscall.readlinkat(Descriptor, name, buffer);
        return length >= 0 ? System.Text.Encoding.UTF8.GetString(buffer, 0, (int)length) : throw Failed("read link", name);
    }

    public void CreateLink(string name, string target) =>
        Check(Syscall.symlinkat(target, Descriptor, name), "create link", name);

    /// <summary>Replaces what stands at <paramref name="to"/> in one step.</summary>
    public void Rename(string from, string to) =>
        Check(Syscall.renameat(Descriptor, from, Descriptor, to), $"rename {from} to", to);

    /// <summary>A file or a link.</summary>
    public void Remove(string name) => Check(Syscall.unlinkat(Descriptor, name, 0), "remove", name);

    public void RemoveIfThere(string name)
    {
        if (Find(name) is not null)
            Remove(name);
    }

    public void RemoveDirectory(string name) =>
        Check(Syscall.unlinkat(Descriptor, name, AtFlags.AT_REMOVEDIR), "remove directory", name);

    /// <summary>Gives the directory its group and then its mode.</summary>
    public void Permit(uint group, UnixFileMode mode) => Permit(_handle, ".", group, mode);

    public void SetMode(SafeFileHandle file, string name, UnixFileMode mode) =>
        Check(Syscall.fchmod((int)file.DangerousGetHandle(), (FilePermissions)mode), "set the mode of", name);

    public void Write(SafeFileHandle file, string name, ReadOnlySpan<byte> content, long offset = 0)
    {
        try
        {
            RandomAccess.Write(file, content, offset);
        }
        catch (IOException error)
        {
            // On Unix the HResult of an I/O error is the errno as the kernel gave it.
            throw new MountException($"write {Below(name)}", NativeConvert.ToErrno(error.HResult));
        }
    }

    /// <summary>Waits until the names in the directory are on the device.</summary>
    public void Sync() => Check(Syscall.fsync(Descriptor), "sync", ".");

    public void Dispose() => _handle.Dispose();

    private static SafeFileHandle Opened(int descriptor, string action, string path) => descriptor >= 0
        ? new SafeFileHandle(descriptor, ownsHandle: true)
        : throw new MountException($"{action} {path}", Stdlib.GetLastError());

    /// <summary>The group first, so that the mode never counts for another one.</summary>
    private void Permit(SafeFileHandle file, string name, uint group, UnixFileMode mode)
    {
        Check(Syscall.fchown((int)file.DangerousGetHandle(), uint.MaxValue, group), $"give group {group} to", name);
        SetMode(file, name, mode);
    }

    private string Below(string name) => name == "." ? _path : $"{_path}/{name}";

    private MountException Failed(string action, string name) => new($"{action} {Below(name)}", Stdlib.GetLastError());

    private void Check(int result, string action, string name)
    {
        if (result != 0)
            throw Failed(action, name);
    }
}
