using System.ComponentModel;
using System.Runtime.InteropServices;

namespace SidecarAgent.Benchmarks;

/// <summary>
/// The processor time that a process has taken so far, threads that have ended included, in nanoseconds: /proc counts in
/// hundredths of a second, which is most of what an idle agent takes.
/// </summary>
internal static partial class ProcessorTime
{
    private const int OfScheduler = 2;

    /// <exception cref="Win32Exception">There is no such process.</exception>
    public static TimeSpan Of(int processId)
    {
        // How Linux numbers the clock of another process (clock_getcpuclockid(3)).
        var clock = (~processId << 3) | OfScheduler;
        if (GetTime(clock, out var time) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromTicks(time.Nanoseconds / TimeSpan.NanosecondsPerTick);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
