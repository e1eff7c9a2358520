using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Policy;

/// <summary>All policies that are in force together. What none of them grants is refused.</summary>
internal sealed class PolicySet
{
    public static PolicySet Empty { get; } = new();

    /// <summary>How many policies there are.</summary>
    public int Count { get; }

    /// <param name="files">Names and texts of policy files.</param>
    /// <param name="defaults">For grants that say nothing about time.</param>
    /// <exception cref="SidecarAgent.Yaml.InvalidYamlException">Everything that is wrong with any of them.</exception>
    public static PolicySet Parse(IEnumerable<PolicyFile> files, LeaseOptions defaults) =>
        throw new NotImplementedException($"{files}{defaults}");

    /// <param name="workload">Who asks.</param>
    /// <param name="path">For what.</param>
    /// <param name="fields">The fields that are asked for by name; empty: all that are granted.</param>
    public Decision Decide(Workload workload, SecretPath path, IReadOnlyCollection<string> fields) =>
        throw new NotImplementedException($"{Count}{workload}{path}{fields}");
}
