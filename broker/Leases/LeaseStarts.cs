using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Leases;

/// <summary>
/// Writes leases that begin. When a secret changes that thousands watch, as many begin at once: what has gathered while the
/// writer was busy is one piece of work for it, with one look at what is served.
/// </summary>
internal sealed class LeaseStarts(Database database, CutOffs cutOffs, TimeProvider clock)
{
    /// <summary>In one piece of work, so that others get their turn.</summary>
    private const int Most = 1_000;

    private readonly Lock _lock = new();
    private readonly Queue<Start> _waiting = [];
    private bool _writing;

    /// <returns>False: the version is served no more, the holder has a live lease on it by now, or is cut off.</returns>
    /// <exception cref="StorageUnavailableException">It could not be made durable.</exception>
    public Task<bool> AddAsync(Lease lease, string? replaced, CancellationToken cancellationToken)
    {
        var start = new Start(lease, replaced);
        var isFirst = false;
        lock (_lock)
        {
            _waiting.Enqueue(start);
            if (!_writing)
                isFirst = _writing = true;
        }

        if (isFirst)
            _ = WriteAllAsync();
        return start.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Until none is waiting.</summary>
    private async Task WriteAllAsync()
    {
        bool more;
        do
        {
            Start[] some = [];
            try
            {
                // Taken when the writer comes to it, and not before.
                var begun = await database.WriteAsync(session => WriteAsync(session, some = Take()), CancellationToken.None);
                foreach (var (start, isBegun) in some.Zip(begun))
                    start.SetResult(isBegun);
            }
            catch (Exception e)
            {
                // They hear of it, all of them; what the writer never came to, too.
                foreach (var start in some.Length > 0 ? some : Take())
                    start.SetException(e);
            }

            lock (_lock)
                more = _writing = _waiting.Count > 0;
        }
        while (more);
    }

    private Start[] Take()
    {
        lock (_lock)
        {
            var some = new Start[Math.Min(_waiting.Count, Most)];
            for (var i = 0; i < some.Length; i++)
                some[i] = _waiting.Dequeue();
            return some;
        }
    }

    private async Task<bool[]> WriteAsync(Session session, Start[] starts)
    {
        var now = clock.GetUtcNow();
        var served = new Dictionary<(Secrets.SecretPath, ulong), bool>();
        var begun = new bool[starts.Length];
        for (var i = 0; i < starts.Length; i++)
        {
            var (lease, replaced) = (starts[i].Lease, starts[i].Replaced);
            // A lease never begins on a version that is superseded: a rotation could not wait for its holder any more.
            if (!served.TryGetValue((lease.Path, lease.Version), out var isServed))
            {
                isServed = await SecretTable.IsServedAsync(session, lease.Path, lease.Version, CancellationToken.None);
                served.Add((lease.Path, lease.Version), isServed);
            }

            begun[i] = isServed && cutOffs.Find(lease.Workload, lease.Path) is null
                && await LeaseTable.AddAsync(session, lease, replaced, now, CancellationToken.None);
        }

        return begun;
    }

    private sealed class Start(Lease lease, string? replaced)
        : TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public Lease Lease { get; } = lease;

        public string? Replaced { get; } = replaced;
    }
}
