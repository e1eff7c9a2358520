using System.ComponentModel;
using System.Globalization;
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

    /// <summary>Of a process and those that it has started, also those of them that have ended and that it knows of; to the hundredth of a second.</summary>
    public static TimeSpan OfFamily(int processId)
    {
        var children = File.ReadAllText($"/proc/{processId}/task/{processId}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return TimeSpan.FromMilliseconds(10 * (Ticks(processId.ToString(CultureInfo.InvariantCulture), 4) + children.Sum(child => Ticks(child, 2))));
    }

    /// <param name="processId">Whose; one that is gone has none.</param>
    /// <param name="times">2: of itself, in programs and in the kernel. 4: of children that it has waited for, too (proc_pid_stat(5)).</param>
    private static long Ticks(string processId, int times)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{processId}/stat");
            // After the name, which may hold anything; the first of the times is the 14th field of all.
            return line[(line.LastIndexOf(')') + 2)..].Split(' ').Skip(11).Take(times).Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return 0;
        }
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
