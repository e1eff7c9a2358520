using System.CommandLine.Parsing;
using SidecarAgent.Broker.Identity;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl;

/// <summary>A workload as people name it: NAMESPACE/SERVICEACCOUNT, or a SPIFFE ID.</summary>
internal static class WorkloadName
{
    /// <summary>What <see cref="Parse"/> takes, for the help.</summary>
    public const string Form = "NAMESPACE/SERVICEACCOUNT|spiffe://...";

    /// <returns>With a namespace and a service account, or with a SPIFFE ID; null: it is neither, and that was said.</returns>
    public static WorkloadIdentity? Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (!text.StartsWith("spiffe:", StringComparison.OrdinalIgnoreCase))
        {
            return KubernetesName.ParseNamespaced(result) is { } account
                ? new WorkloadIdentity { Namespace = account.Namespace, ServiceAccount = account.Name }
                : null;
        }

        if (SpiffeId.TryParse(text, out _, out _))
            return new WorkloadIdentity { SpiffeId = text };
        result.AddError("a SPIFFE ID is expected, such as spiffe://prod.example/ns/shop/sa/orders");
        return null;
    }
}
