using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Detection;

/// <summary>What was seen in one ask of a workload. Disposed when the ask is over.</summary>
internal sealed class Sightings(Workload workload, FirstAccesses firsts) : IDisposable
{
    private readonly List<AuditEntry> _entries = [];
    private readonly HashSet<SecretPath> _tripped = [];

    public Workload Workload { get; } = workload;

    /// <summary>For the audit log, about this round.</summary>
    public IReadOnlyList<AuditEntry> Entries => _entries;

    /// <summary>A canary was asked for in this round whose reader is to be cut off.</summary>
    public bool CutsOff { get; private set; }

    /// <summary>Of this round: secrets that the workload has never had.</summary>
    public IReadOnlyList<SecretPath> First { get; private set; } = [];

    /// <summary>Of this round: secrets that it has had, longer ago than is noted.</summary>
    public IReadOnlyList<SecretPath> Stale { get; private set; } = [];

    public void NextRound()
    {
        _entries.Clear();
        CutsOff = false;
        End();
    }

    public void Add(AuditEntry entry) => _entries.Add(entry);

    /// <returns>False: it was seen in an earlier round of the same ask.</returns>
    public bool Trip(SecretPath path, bool cutsOff, bool isGiven)
    {
        CutsOff |= cutsOff;
        if (!_tripped.Add(path))
            return false;
        _entries.Add(new AuditEntry(AuditAction.Canary, Allowed: isGiven && !cutsOff, cutsOff ? "the caller is cut off" : null)
        {
            Workload = Workload,
            Path = path.ToString(),
        });
        return true;
    }

    public void Found(IReadOnlyList<SecretPath> first, IReadOnlyList<SecretPath> stale)
    {
        First = first;
        Stale = stale;
        _entries.AddRange(first.Select(path => new AuditEntry(AuditAction.FirstAccess, Allowed: true)
        {
            Workload = Workload,
            Path = path.ToString(),
        }));
    }

    public void Dispose() => End();

    private void End()
    {
        firsts.End(Workload, First);
        First = [];
        Stale = [];
    }
}
