using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Policy;

/// <summary>What a policy gives its subjects.</summary>
/// <param name="Paths">Which secrets.</param>
/// <param name="Fields">Which of their fields; null: all.</param>
/// <param name="Ttl">How long a lease lives before it must be renewed; not more than <paramref name="MaxTtl"/>.</param>
/// <param name="MaxTtl">How long renewals can keep it alive.</param>
internal sealed record Grant(
    IReadOnlyList<PathPattern> Paths,
    IReadOnlySet<string>? Fields,
    TimeSpan Ttl,
    TimeSpan MaxTtl)
{
    public bool Covers(SecretPath path, Workload caller) => Paths.Any(pattern => pattern.Matches(path, caller));

    public bool Gives(string field) => Fields is null || Fields.Contains(field);
}
