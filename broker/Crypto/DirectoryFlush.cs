using System.Runtime.InteropServices;

namespace SidecarAgent.Broker.Crypto;

/// <summary>Makes the names in a directory durable, as fsync(2) does for a file. .NET opens no directories.</summary>
internal static partial class DirectoryFlush
{
    private const int ReadOnlyDirectory = 0x10000 | 0x80000;

    /// <exception cref="IOException">They are not on disk.</exception>
    public static void Flush(string directory)
    {
        var descriptor = Open(directory, ReadOnlyDirectory);
        if (descriptor < 0)
            throw Failure(directory);
        try
        {
            if (Sync(descriptor) != 0)
                throw Failure(directory);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failure(string directory) =>
        new($"The directory {directory} cannot be flushed to disk: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
