using System.Runtime.InteropServices;

namespace SidecarAgent.Broker;

/// <summary>Makes the names in a directory durable, as fsync(2) of a file does with its bytes. .NET has no call for it.</summary>
internal static partial class DirectoryFlush
{
    private const int ReadOnly = 0;
    private const int CloseOnExec = 0x80000; // O_CLOEXEC; the same on x86-64 and arm64, which O_DIRECTORY is not

    /// <exception cref="IOException">The directory cannot be opened or flushed.</exception>
    public static void Flush(string directory)
    {
        var handle = Open(directory, ReadOnly | CloseOnExec);
        if (handle < 0)
            throw new IOException($"the directory {directory} cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");
        try
        {
            if (Synchronise(handle) != 0)
                throw new IOException($"the directory {directory} cannot be flushed: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        finally
        {
            _ = Close(handle);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Synchronise(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int handle);
}
