using System.Runtime.InteropServices;

namespace SidecarAgent.Agent;

/// <summary>
/// Starting needs memory that running does not: parsed certificates, a TLS handshake, compiled templates. An agent is idle
/// nearly always, and an idle heap is never collected by itself, so it is once told to give that back.
/// </summary>
internal static partial class StartupMemory
{
    /// <summary>After the first files and the first scrape, usually.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(20);

    /// <summary>Gives back once; ends only when it is told to stop, as a loop of <see cref="Commands.LoopGroup"/> must.</summary>
    public static async Task GiveBackAsync(TimeProvider time, CancellationToken stopping)
    {
        await Task.Delay(Settled, time, stopping);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _ = Trim(0);
        await Task.Delay(Timeout.InfiniteTimeSpan, time, stopping);
    }

    /// <summary>Returns free pages of the C heap to the system (malloc_trim(3)).</summary>
    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint keep);
}
