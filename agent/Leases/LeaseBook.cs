namespace SidecarAgent.Agent.Leases;

/// <summary>The leases that the agent holds, at most one for each secret. Safe for several threads.</summary>
internal sealed class LeaseBook
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, HeldLease> _byPath = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Ends when the book differs from what it was when this was read.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock)
                return _changed.Task;
        }
    }

    /// <summary>In no order.</summary>
    public IReadOnlyList<HeldLease> All()
    {
        lock (_lock)
            return [.. _byPath.Values];
    }

    public HeldLease? Find(string path)
    {
        lock (_lock)
            return _byPath.GetValueOrDefault(path);
    }

    public void Hold(HeldLease lease)
    {
        lock (_lock)
        {
            _byPath[lease.Path] = lease;
            Signal_NeedsLock();
        }
    }

    /// <summary>Takes a renewal in, unless the secret's lease has become another meanwhile.</summary>
    public void Extend(HeldLease lease)
    {
        lock (_lock)
        {
            if (_byPath.GetValueOrDefault(lease.Path)?.Id != lease.Id)
                return;
            _byPath[lease.Path] = lease;
            Signal_NeedsLock();
        }
    }

    public void Drop(string path)
    {
        lock (_lock)
        {
            if (_byPath.Remove(path))
                Signal_NeedsLock();
        }
    }

    private void Signal_NeedsLock()
    {
        _changed.SetResult();
        _changed = NewSignal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
