using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Policy;

/// <summary>The callers that a policy is about.</summary>
internal abstract record Subject
{
    /// <summary>The only namespace whose callers it can be about, empty for callers without one; null: any.</summary>
    public abstract string? OnlyNamespace { get; }

    public abstract bool Matches(Workload caller);

    /// <param name="Issuer">Whose tokens; null: any configured issuer's.</param>
    /// <param name="Namespace">In which namespaces.</param>
    /// <param name="ServiceAccount">Which service accounts.</param>
    public sealed record OfKubernetes(string? Issuer, SegmentPattern Namespace, SegmentPattern ServiceAccount) : Subject
    {
        public override string? OnlyNamespace => Namespace.Literal;

        // Not of SPIFFE's: '*' is any namespace, and not the lack of one.
        public override bool Matches(Workload caller) =>
            caller.Spiffe is null
            && (Issuer is null || Issuer == caller.Issuer)
            && Namespace.Matches(caller.Namespace, caller)
            && ServiceAccount.Matches(caller.ServiceAccount, caller);
    }

    /// <param name="Id">Which SPIFFE IDs.</param>
    public sealed record OfSpiffe(SpiffePattern Id) : Subject
    {
        public override string? OnlyNamespace => "";

        public override bool Matches(Workload caller) => Id.Matches(caller);
    }
}
