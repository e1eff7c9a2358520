using System.Collections.Frozen;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Policy;

/// <summary>Finds the policies about a caller without looking at those of all other namespaces.</summary>
internal sealed class PolicyIndex
{
    private readonly FrozenDictionary<string, AccessPolicy[]> _byNamespace;

    /// <summary>Those that may be about any namespace.</summary>
    private readonly AccessPolicy[] _open;

    /// <param name="policies">Found in this order.</param>
    public PolicyIndex(IReadOnlyList<AccessPolicy> policies)
    {
        Count = policies.Count;
        var entries = policies
            .SelectMany((policy, index) => policy.Subjects.Select(subject => (Literal: subject.OnlyNamespace, Index: index)))
            .ToLookup(entry => entry.Literal, entry => entry.Index);
        var open = entries[null].Distinct().ToList();
        _open = [.. open.Select(index => policies[index])];
        _byNamespace = entries
            .Where(entry => entry.Key is not null)
            .ToFrozenDictionary(
                entry => entry.Key!,
                entry => entry.Union(open).Order().Select(index => policies[index]).ToArray(),
                StringComparer.Ordinal);
    }

    public int Count { get; }

    public List<AccessPolicy> About(Workload caller) =>
        [.. _byNamespace.GetValueOrDefault(caller.Namespace, _open).Where(policy => policy.IsAbout(caller))];
}
