using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Yaml;

namespace SidecarAgent.Broker.Policy;

/// <summary>
/// All policies that are in force together. What none of them grants is refused. Where several grants match, their
/// fields add up, and the shortest of their times holds. docs/policies.md explains it to users.
/// </summary>
internal sealed class PolicySet
{
    private readonly PolicyIndex _policies;

    private PolicySet(IReadOnlyList<AccessPolicy> policies) => _policies = new PolicyIndex(policies);

    public static PolicySet Empty { get; } = new([]);

    /// <summary>How many policies there are.</summary>
    public int Count => _policies.Count;

    /// <summary>The same in words.</summary>
    public string Size => Count == 1 ? "1 policy" : $"{Count} policies";

    /// <param name="files">Names and texts of policy files.</param>
    /// <param name="defaults">For grants that say nothing about time.</param>
    /// <exception cref="InvalidYamlException">Everything that is wrong with any of them.</exception>
    public static PolicySet Parse(IEnumerable<PolicyFile> files, LeaseOptions defaults)
    {
        var reader = new PolicyReader(defaults);
        var problems = new List<YamlProblem>();
        foreach (var file in files)
        {
            try
            {
                reader.Read(file);
            }
            catch (InvalidYamlException e)
            {
                problems.AddRange(e.Problems);
            }
        }

        return problems.Count == 0 ? new PolicySet(reader.Policies) : throw new InvalidYamlException(problems);
    }

    /// <param name="workload">Who asks.</param>
    /// <param name="path">For what.</param>
    /// <param name="fields">The fields that are asked for by name; empty: all that are granted.</param>
    public Decision Decide(Workload workload, SecretPath path, IReadOnlyCollection<string> fields)
    {
        var named = _policies.About(workload);
        if (named.Count == 0)
            return new Decision.Refused($"no policy names {Who(workload)}");

        var matches = new List<GrantMatch>();
        foreach (var policy in named)
            GrantMatch.AddAll(matches, policy, path, workload);
        if (matches.Count == 0)
        {
            return new Decision.Refused(
                $"no policy that names {Who(workload)} ({AccessPolicy.Names(named)}) grants {path}");
        }

        foreach (var field in fields)
        {
            if (!matches.Exists(match => match.Grant.Gives(field)))
            {
                return new Decision.Refused(
                    $"the field '{ForeignText.Clean(field)}' of {path} is not granted to {Who(workload)} by {GrantMatch.Explain(matches)}");
            }
        }

        return Allow(fields.Count == 0 ? matches : matches.FindAll(match => fields.Any(match.Grant.Gives)));
    }

    /// <param name="matches">The grants that the answer rests on; at least one.</param>
    private static Decision.Allowed Allow(List<GrantMatch> matches)
    {
        IReadOnlySet<string>? fields = matches.Exists(match => match.Grant.Fields is null)
            ? null
            : matches.SelectMany(match => match.Grant.Fields!).ToHashSet(StringComparer.Ordinal);
        return new Decision.Allowed(
            matches, fields, matches.Min(match => match.Grant.Ttl), matches.Min(match => match.Grant.MaxTtl));
    }

    private static string Who(Workload workload) => ForeignText.Clean(workload.Name);
}
