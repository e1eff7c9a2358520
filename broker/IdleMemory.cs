using System.Runtime.InteropServices;

namespace SidecarAgent.Broker;

/// <summary>
/// Gives memory back when a time of much work is over, as when thousands of agents have come or a secret of theirs has
/// changed: neither the collector nor malloc does it before more is asked for, and a pod's memory is paid for until then.
/// Only while next to nothing is served, because it stops everything for some tenths of a second where there are thousands.
/// </summary>
internal sealed partial class IdleMemory(TimeProvider clock)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(3);

    /// <summary>Before that much was allocated there is not much to give back, in bytes.</summary>
    private const long Much = 64L << 20;

    /// <summary>Allocated within <see cref="Quiet"/>, in bytes: timers, metrics, the checks of a few tokens.</summary>
    private const long Little = 4L << 20;

    /// <summary>Looks until it is cancelled; then it throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var (last, before) = (0L, 0L);
        using var timer = new PeriodicTimer(Quiet, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var now = GC.GetTotalAllocatedBytes();
            if (now - before < Little && now - last > Much)
            {
                GiveBack();
                last = GC.GetTotalAllocatedBytes();
            }

            before = now;
        }
    }

    private static void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        // What OpenSSL has freed. Only the C library of GNU has it; another one has other habits.
        if (NativeLibrary.TryLoad("libc.so.6", out _))
            _ = TrimMemory(0);
    }

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    private static partial int TrimMemory(nuint keep);
}
