using System.Runtime.InteropServices;

namespace SidecarAgent.Broker;

/// <summary>What the process refuses to give away of its memory, which holds the key-encryption key and values.</summary>
internal static partial class Hardening
{
    private const int SetDumpable = 4;
    private const int CoreLimit = 4;

    /// <summary>
    /// No core dump, and nobody of the same user may attach to the process or read its memory (prctl(2), PR_SET_DUMPABLE).
    /// Neither call can fail for a process that lowers its own limits.
    /// </summary>
    public static void KeepMemoryPrivate()
    {
        _ = ProcessControl(SetDumpable, 0, 0, 0, 0);
        var none = new ResourceLimit { Soft = 0, Hard = 0 };
        _ = SetResourceLimit(CoreLimit, in none);
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ProcessControl(int option, nuint value, nuint unused3, nuint unused4, nuint unused5);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetResourceLimit(int resource, in ResourceLimit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
