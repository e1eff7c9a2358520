using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Policy;

namespace SidecarAgent.Broker;

internal sealed partial class Gate
{
    /// <summary>Looked at together, between which others have their turn.</summary>
    private const int ComparedAtOnce = 1000;

    /// <summary>What live holders would lose if other policies were in force. Cut-offs do not count. Touches nothing.</summary>
    /// <exception cref="SidecarAgent.Yaml.InvalidYamlException">Everything that is wrong with the files.</exception>
    public async Task<(PolicySet Policies, PolicyComparison Comparison)> CheckPoliciesAsync(
        Operator by, IReadOnlyList<PolicyFile> files, CancellationToken cancellationToken)
    {
        var entry = new AuditEntry(AuditAction.CheckPolicies, Allowed: true, $"{files.Count} files, {files.Sum(file => file.Text.Length)} characters");
        await AuditAsync([entry with { Operator = by.Name }], cancellationToken);
        var proposed = policies.Parse(files);
        var comparison = new PolicyComparison(policies.Current, proposed);
        var began = clock.GetUtcNow();
        List<Lease> page;
        var after = "";
        do
        {
            page = await leases.LiveAfterAsync(after, began, ComparedAtOnce, cancellationToken);
            page.ForEach(comparison.Add);
            after = page.Count > 0 ? page[^1].Id : after;
        }
        while (page.Count == ComparedAtOnce);
        return (proposed, comparison);
    }
}
