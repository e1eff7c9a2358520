using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Policy;

/// <summary>The callers that a policy is about.</summary>
/// <param name="Issuer">Whose tokens; null: any configured issuer's.</param>
/// <param name="Namespace">In which namespaces.</param>
/// <param name="ServiceAccount">Which service accounts.</param>
internal sealed record Subject(string? Issuer, SegmentPattern Namespace, SegmentPattern ServiceAccount)
{
    public bool Matches(Workload caller) =>
        (Issuer is null || Issuer == caller.Issuer)
        && Namespace.Matches(caller.Namespace, caller)
        && ServiceAccount.Matches(caller.ServiceAccount, caller);
}
