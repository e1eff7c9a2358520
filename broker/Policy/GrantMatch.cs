using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Policy;

/// <summary>A grant that covers a path, and its number in its policy, from 1.</summary>
internal sealed record GrantMatch(AccessPolicy Policy, int Number, Grant Grant)
{
    /// <summary>Adds those of a policy.</summary>
    public static void AddAll(List<GrantMatch> matches, AccessPolicy policy, SecretPath path, Workload caller)
    {
        for (var i = 0; i < policy.Grants.Count; i++)
        {
            if (policy.Grants[i].Covers(path, caller))
                matches.Add(new GrantMatch(policy, i + 1, policy.Grants[i]));
        }
    }

    public static string Explain(IEnumerable<GrantMatch> matches) => string.Join(
        " and ", matches.Select(match => $"policy '{match.Policy.Name}', grant {match.Number} ({match.Policy.File})"));
}
