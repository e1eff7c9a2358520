using System.CommandLine;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Revocation;

/// <summary>The options of <c>revoke</c> that say whom to cut off: exactly one of them.</summary>
internal sealed class RevokeTarget
{
    private readonly Option<WorkloadIdentity?> _workload = new("--workload")
    {
        Description = "Every pod of a service account, or the workload of a SPIFFE ID.",
        HelpName = WorkloadName.Form,
        CustomParser = WorkloadName.Parse,
    };
    private readonly Option<NamespacedName?> _pod = new("--pod")
    {
        Description = "One pod.",
        HelpName = "NAMESPACE/POD",
        CustomParser = KubernetesName.ParseNamespaced,
    };
    private readonly Option<string?> _node = new("--node")
    {
        Description = "Every pod on a node.",
        HelpName = "NODE",
        CustomParser = KubernetesName.ParseName,
    };
    private readonly Option<string?> _secret = new("--secret")
    {
        Description = "Everybody who holds a secret.",
        HelpName = "PATH",
        CustomParser = result =>
        {
            if (!SecretPath.TryParse(result.Tokens[0].Value, out _, out var problem))
                result.AddError(problem);
            return result.Tokens[0].Value;
        },
    };
    private readonly Option<string?> _namespace = new("--namespace")
    {
        Description = "Every pod of a namespace.",
        HelpName = "NAMESPACE",
        CustomParser = KubernetesName.ParseNamespace,
    };
    private readonly Option<bool> _all = new("--all") { Description = "Everybody; needs --yes." };
    private readonly Option<bool> _yes = new("--yes") { Description = "Yes, everybody." };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_workload, _pod, _node, _secret, _namespace, _all, _yes])
            command.Add(option);
    }

    /// <exception cref="CommandFailedException">Not exactly one target, or everybody without --yes.</exception>
    public Target Read(ParseResult parsed)
    {
        Target?[] given =
        [
            parsed.GetValue(_workload) is { } workload ? new Target { Workload = Identities.Name(workload) } : null,
            parsed.GetValue(_pod) is { } pod ? new Target { Pod = pod.ToString() } : null,
            parsed.GetValue(_node) is { } node ? new Target { Node = node } : null,
            parsed.GetValue(_secret) is { } secret ? new Target { Secret = secret } : null,
            parsed.GetValue(_namespace) is { } ns ? new Target { Namespace = ns } : null,
            parsed.GetValue(_all) ? new Target { All = true } : null,
        ];
        if (given.OfType<Target>().ToArray() is not [var target])
        {
            throw CommandFailedException.Usage(
                "say whom to cut off with exactly one of --workload, --pod, --node, --secret, --namespace and --all");
        }

        if (target.All && !parsed.GetValue(_yes))
            throw CommandFailedException.Usage("--all takes every secret away from every pod: add --yes if that is meant");
        return target;
    }
}
