using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Storage;

/// <summary>
/// Secrets that are served and the leases on them, as the database has them, so that whoever asks again for what it has
/// costs no query. The database's one writer tells it of every change after the commit and before anybody hears that the
/// change was made: nobody is answered from here with what is older than an answer. What it does not know is read.
/// </summary>
/// <remarks>What is kept is sealed as it is in the database. docs/adr/0016 has the reasons.</remarks>
internal sealed class SecretCache
{
    private const long SecretBytes = 64 << 20;
    private const long LeaseBytes = 64 << 20;

    /// <summary>About so many bytes of memory: the lease, its strings and its place in the index.</summary>
    private const long LeaseWeight = 900;

    private readonly Lock _lock = new();
    private readonly RecentlyUsed<SecretPath, StoredSecret> _secrets;
    private readonly RecentlyUsed<(string Holder, SecretPath Path), Lease[]> _held;
    private readonly List<CacheFill> _filling = [];
    private bool _isSuspended;

    /// <param name="secretBytes">How much memory secrets may take.</param>
    /// <param name="leaseBytes">How much memory leases may take.</param>
    public SecretCache(long secretBytes = SecretBytes, long leaseBytes = LeaseBytes)
    {
        _secrets = new(secretBytes, secret => secret.Weight);
        _held = new(leaseBytes, held => LeaseWeight * (1 + held.Length) / 2);
    }

    /// <summary>How many secrets, and how many holders' leases on a secret, are kept.</summary>
    public (int Secrets, int Held) Count
    {
        get
        {
            lock (_lock)
                return (_secrets.Count, _held.Count);
        }
    }

    /// <summary>What an answer is decided on, all of it at one moment.</summary>
    /// <returns>One for each path; null: not all of it is known here.</returns>
    public IReadOnlyList<Facts>? Find(string holder, IReadOnlyList<SecretPath> paths, DateTimeOffset now)
    {
        var facts = new Facts[paths.Count];
        lock (_lock)
        {
            for (var i = 0; i < facts.Length; i++)
            {
                if (_secrets.Find(paths[i]) is not { } secret || _held.Find((holder, paths[i])) is not { } held)
                    return null;
                facts[i] = secret.FactsOf(held, now);
            }
        }

        return facts;
    }

    /// <returns>Null: it is not known here.</returns>
    public SecretVersion? FindVersion(SecretPath path, ulong version)
    {
        lock (_lock)
            return _secrets.Find(path) is { } secret && secret.Active.Version == version ? secret.Active : null;
    }

    /// <summary>Whether just this lease is live, with this end and these fields.</summary>
    /// <returns>False: it is not, or it is not known here.</returns>
    public bool Holds(Lease lease, DateTimeOffset now)
    {
        lock (_lock)
        {
            return LeaseRule.IsLive(lease, now)
                && _held.Find((lease.Workload.Holder, lease.Path)) is { } held
                && Array.Exists(held, one => one.Id == lease.Id
                    && one.ExpiresAt == lease.ExpiresAt && one.Fields.SequenceEqual(lease.Fields));
        }
    }

    /// <summary>Has to be read again, because what was decided on it could not be done.</summary>
    public void Forget(string holder, SecretPath path)
    {
        lock (_lock)
        {
            _secrets.Remove(path);
            _held.Remove((holder, path));
        }
    }

    /// <summary>Notes what was committed, all of it at once.</summary>
    public void Apply(IReadOnlyList<CacheChange> changes)
    {
        if (changes.Count == 0)
            return;
        lock (_lock)
        {
            foreach (var change in changes)
                ApplyOne(change);
        }
    }

    /// <summary>Begins a read whose results may be kept. Before its transaction begins.</summary>
    public CacheFill BeginFill()
    {
        var fill = new CacheFill(this);
        lock (_lock)
        {
            fill.IsSpoiled = _isSuspended;
            _filling.Add(fill);
        }

        return fill;
    }

    /// <summary>
    /// Forgets everything and keeps nothing: the writer does not know what the database has, and whether it is the only
    /// one that writes.
    /// </summary>
    public void Suspend()
    {
        lock (_lock)
        {
            _isSuspended = true;
            _secrets.Clear();
            _held.Clear();
            foreach (var fill in _filling)
                fill.IsSpoiled = true;
        }
    }

    /// <summary>Keeps again what is read from now on.</summary>
    public void Resume()
    {
        lock (_lock)
            _isSuspended = false;
    }

    /// <summary>Keeps what a read has found, unless a write has changed it since the read began.</summary>
    internal void Keep(CacheFill fill, StoredSecret secret, string holder, IReadOnlyList<Lease> held)
    {
        lock (_lock)
        {
            if (fill.IsSpoiled)
                return;
            var path = secret.Head.Path;
            if (!fill.Changed.Contains((null, path)))
                _secrets.Set(path, secret);
            Keep(fill, path, holder, held);
        }
    }

    /// <inheritdoc cref="Keep(CacheFill, StoredSecret, string, IReadOnlyList{Lease})"/>
    internal void Keep(CacheFill fill, SecretPath path, string holder, IReadOnlyList<Lease> held)
    {
        lock (_lock)
        {
            if (!fill.IsSpoiled && !fill.Changed.Contains((holder, path)))
                _held.Set((holder, path), [.. held]);
        }
    }

    internal void End(CacheFill fill)
    {
        lock (_lock)
            _filling.Remove(fill);
    }

    private void ApplyOne(CacheChange change)
    {
        foreach (var fill in _filling)
            fill.Changed.Add((change.Holder, change.Path));
        if (change is not { Holder: { } holder, Held: { } now })
            _secrets.Remove(change.Path);
        else if (_held.Find((holder, change.Path)) is { } held)
            _held.Set((holder, change.Path), [.. now(held)]);
    }
}
