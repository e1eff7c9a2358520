using System.CommandLine;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Leases;

/// <summary>The options of <c>lease list</c> that say which leases; together they narrow it down.</summary>
internal sealed class LeaseFilterOptions
{
    private readonly Option<string?> _prefix = new("--prefix")
    {
        Description = "Only paths that begin with this, such as database/.",
        HelpName = "PREFIX",
    };
    private readonly Option<WorkloadIdentity?> _workload = new("--workload")
    {
        Description = "Only pods of a service account, or the workload of a SPIFFE ID.",
        HelpName = WorkloadName.Form,
        CustomParser = WorkloadName.Parse,
    };
    private readonly Option<NamespacedName?> _pod = new("--pod")
    {
        Description = "Only one pod.",
        HelpName = "NAMESPACE/POD",
        CustomParser = KubernetesName.ParseNamespaced,
    };
    private readonly Option<string?> _node = new("--node")
    {
        Description = "Only pods on a node.",
        HelpName = "NODE",
        CustomParser = KubernetesName.ParseName,
    };
    private readonly Option<string?> _namespace = new("--namespace")
    {
        Description = "Only pods of a namespace.",
        HelpName = "NAMESPACE",
        CustomParser = KubernetesName.ParseNamespace,
    };
    private readonly Option<bool> _revoking = new("--revoking")
    {
        Description = "Leases that have ended, whose accounts are being dropped.",
    };
    private readonly Option<bool> _irrevocable = new("--irrevocable")
    {
        Description = "Leases that have ended, whose accounts could not be dropped.",
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_prefix, _workload, _pod, _node, _namespace, _revoking, _irrevocable])
            command.Add(option);
    }

    /// <exception cref="CommandFailedException">Two of them contradict each other.</exception>
    public ListLeasesRequest Read(ParseResult parsed)
    {
        var (workload, pod, ns) = (parsed.GetValue(_workload), parsed.GetValue(_pod), parsed.GetValue(_namespace));
        if (workload?.SpiffeId is { Length: > 0 } && (pod ?? ns ?? parsed.GetValue(_node) as object) is not null)
            throw CommandFailedException.Usage("a SPIFFE ID has no namespace, pod or node: leave --namespace, --pod and --node out");
        var namespaces = new[] { workload?.Namespace, pod?.Namespace, ns }.OfType<string>().Distinct().ToList();
        if (namespaces.Count > 1)
            throw CommandFailedException.Usage("--workload, --pod and --namespace name different namespaces: no lease is in two");
        if (parsed.GetValue(_revoking) && parsed.GetValue(_irrevocable))
            throw CommandFailedException.Usage("--revoking and --irrevocable exclude each other: ask once for each");
        return new ListLeasesRequest
        {
            Prefix = parsed.GetValue(_prefix) ?? "",
            Namespace = namespaces.SingleOrDefault() ?? "",
            ServiceAccount = workload?.ServiceAccount ?? "",
            SpiffeId = workload?.SpiffeId ?? "",
            Pod = pod?.Name ?? "",
            Node = parsed.GetValue(_node) ?? "",
            State = parsed.GetValue(_irrevocable) ? LeaseState.Irrevocable
                : parsed.GetValue(_revoking) ? LeaseState.Revoking : LeaseState.Live,
        };
    }
}
