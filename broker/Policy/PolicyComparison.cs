using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Policy;

/// <summary>
/// Goes through live leases and gathers what their holders would lose if <paramref name="then"/> were in force in the place
/// of <paramref name="now"/>. Pure. What is refused already is no loss.
/// </summary>
internal sealed class PolicyComparison(PolicySet now, PolicySet then)
{
    /// <summary>More different losses than this are not kept.</summary>
    public const int MaxLosses = 1000;

    private readonly Dictionary<Key, PolicyLoss> _losses = [];

    /// <summary>Live leases that were looked at.</summary>
    public long Leases { get; private set; }

    /// <summary>There are more losses than are kept.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>Sorted by workload and path.</summary>
    public IEnumerable<PolicyLoss> Losses => _losses.Values
        .OrderBy(loss => loss.Workload.Name, StringComparer.Ordinal).ThenBy(loss => loss.Workload.Issuer, StringComparer.Ordinal)
        .ThenBy(loss => loss.Path.ToString(), StringComparer.Ordinal).ThenBy(loss => loss.Reason, StringComparer.Ordinal);

    public void Add(Lease lease)
    {
        Leases++;
        if (Lost(lease) is not var (fields, reason))
            return;
        // Pods of one workload lose the same, unless a policy names pods.
        var key = new Key(lease.Workload.Issuer, lease.Workload.Name, lease.Path, string.Join(',', fields), reason);
        if (_losses.TryGetValue(key, out var loss))
            _losses[key] = loss with { Leases = loss.Leases + 1 };
        else if (_losses.Count < MaxLosses)
            _losses.Add(key, new PolicyLoss(lease.Workload, lease.Path, fields, reason, 1));
        else
            IsTruncated = true;
    }

    private (IReadOnlyList<string> Fields, string Reason)? Lost(Lease lease)
    {
        if (now.Decide(lease.Workload, lease.Path, []) is not Decision.Allowed before)
            return null;
        var decision = then.Decide(lease.Workload, lease.Path, []);
        if (decision is not Decision.Allowed after)
            return ([], decision.Explanation);
        var lost = lease.Fields.Where(field => Gives(before, field) && !Gives(after, field)).Order(StringComparer.Ordinal).ToList();
        return lost.Count == 0 ? null : (lost, after.Explanation);
    }

    private static bool Gives(Decision.Allowed decision, string field) => decision.Fields?.Contains(field) ?? true;

    private readonly record struct Key(string Issuer, string Workload, SecretPath Path, string Fields, string Reason);
}
