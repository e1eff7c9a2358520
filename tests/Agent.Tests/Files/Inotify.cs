using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;

namespace SidecarAgent.Agent.Tests.Files;

/// <summary>inotify(7) as a program uses it that watches one path.</summary>
internal sealed class Inotify : IDisposable
{
    public const uint Attributes = 0x4;
    public const uint MovedTo = 0x80;
    public const uint DeletedSelf = 0x400;
    public const uint All = 0xfff;

    /// <summary>Watch a link itself, not what it leads to.</summary>
    public const uint DoNotFollow = 0x02000000;

    private const int HeaderSize = 16;

    private readonly SafeFileHandle _handle;

    public Inotify(string path, uint mask)
    {
        _handle = new SafeFileHandle(Initialize(0), ownsHandle: true);
        if (_handle.IsInvalid || AddWatch(_handle, path, mask) < 0)
            throw new IOException($"cannot watch {path}: {Stdlib.GetLastError()}");
    }

    /// <summary>What has happened since the last call. The kernel queues events before the call that causes them returns.</summary>
    public IReadOnlyList<(uint Event, string Name)> Read()
    {
        var events = new List<(uint, string)>();
        if (Syscall.poll([new Pollfd { fd = (int)_handle.DangerousGetHandle(), events = PollEvents.POLLIN }], timeout: 0) == 0)
            return events;
        Span<byte> buffer = new byte[64 * 1024];
        var length = RandomAccess.Read(_handle, buffer, fileOffset: 0);
        for (var at = 0; at < length;)
        {
            var mask = BinaryPrimitives.ReadUInt32LittleEndian(buffer[(at + 4)..]);
            var nameLength = (int)BinaryPrimitives.ReadUInt32LittleEndian(buffer[(at + 12)..]);
            events.Add((mask, Encoding.UTF8.GetString(buffer.Slice(at + HeaderSize, nameLength)).TrimEnd('\0')));
            at += HeaderSize + nameLength;
        }

        return events;
    }

    public void Dispose() => _handle.Dispose();

    [DllImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static extern int Initialize(int flags);

    [DllImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true)]
    private static extern int AddWatch(SafeFileHandle handle, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mask);
}
