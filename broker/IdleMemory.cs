using System.Runtime.InteropServices;

namespace SidecarAgent.Broker;

/// <summary>
/// Gives memory back when a time of much work is over, as when thousands of agents have come or a secret of theirs has
/// changed: neither the collector nor malloc does it before more is asked for, and a pod's memory is paid for until then.
/// Only while next to nothing is served, because it stops everything for some tenths of a second where there are thousands.
/// </summary>
internal sealed partial class IdleMemory
{
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(3);

    /// <summary>Before that much was allocated there is not much to give back, in bytes.</summary>
    public const long Much = 64L << 20;

    /// <summary>Allocated within <see cref="Quiet"/>, in bytes: timers, metrics, the checks of a few tokens.</summary>
    public const long Little = 4L << 20;

    private readonly TimeProvider _clock;
    private readonly Func<long> _allocated;
    private readonly Action _giveBack;

    /// <param name="clock">Says when to look.</param>
    /// <param name="allocated">How many bytes were ever allocated.</param>
    /// <param name="giveBack">Takes what can be given back.</param>
    public IdleMemory(TimeProvider clock, Func<long> allocated, Action giveBack)
    {
        _clock = clock;
        _allocated = allocated;
        _giveBack = giveBack;
    }

    public static IdleMemory OfThisProcess(TimeProvider clock) =>
        new(clock, () => GC.GetTotalAllocatedBytes(), GiveBack);

    /// <summary>Whether memory is to be given back now. All in bytes that were ever allocated.</summary>
    /// <param name="now">At this look.</param>
    /// <param name="before">At the look before.</param>
    /// <param name="last">When memory was last given back; 0: never.</param>
    public static bool IsTime(long now, long before, long last) => now - before < Little && now - last > Much;

    /// <summary>Looks until it is cancelled; then it throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var (before, last) = (0L, 0L);
        using var timer = new PeriodicTimer(Quiet, _clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var now = _allocated();
            if (IsTime(now, before, last))
            {
                _giveBack();
                last = now;
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
