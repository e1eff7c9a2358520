using System.CommandLine.Parsing;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Ctl;

/// <summary>A workload as people name it: NAMESPACE/SERVICEACCOUNT, or a SPIFFE ID.</summary>
internal static class WorkloadName
{
    public static string? Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (!text.StartsWith("spiffe:", StringComparison.OrdinalIgnoreCase))
            return KubernetesName.ParseNamespaced(result)?.ToString();
        if (SpiffeId.TryParse(text, out _, out _))
            return text;
        result.AddError("a SPIFFE ID is expected, such as spiffe://prod.example/ns/shop/sa/orders");
        return null;
    }
}
