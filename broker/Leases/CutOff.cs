using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Leases;

/// <summary>Break-glass: nobody whom it covers is given anything until an operator lifts it.</summary>
/// <param name="Id">For lifting it.</param>
/// <param name="Kind">What <paramref name="Target"/> names.</param>
/// <param name="Target">Who or what is cut off; empty for everybody.</param>
/// <param name="Reason">One sentence by the operator.</param>
/// <param name="Since">When it was made.</param>
/// <param name="By">The operator.</param>
internal sealed record CutOff(
    string Id, CutOffKind Kind, string Target, string Reason, DateTimeOffset Since, string By)
{
    public bool Covers(Workload workload, SecretPath path) => Kind switch
    {
        CutOffKind.Workload => workload.Name == Target,
        CutOffKind.Pod => workload.Pod is { } pod && $"{workload.Namespace}/{pod}" == Target,
        CutOffKind.Node => workload.Node == Target,
        CutOffKind.Secret => path.ToString() == Target,
        CutOffKind.Namespace => workload.Namespace == Target,
        CutOffKind.All => true,
        _ => throw new InvalidOperationException($"No rule says whom a cut-off of kind {Kind} covers."),
    };

    /// <summary>The parts of <see cref="Target"/>, by the member of an audit entry that each would be.</summary>
    public IReadOnlyList<(string Field, string Value)> Names => (Kind, Target.Split('/')) switch
    {
        (CutOffKind.Workload, _) when Target.StartsWith("spiffe://", StringComparison.Ordinal) => [("spiffeId", Target)],
        (CutOffKind.Workload, [var ns, var name]) => [("namespace", ns), ("serviceAccount", name)],
        (CutOffKind.Pod, [var ns, var pod]) => [("namespace", ns), ("pod", pod)],
        (CutOffKind.Node, _) => [("node", Target)],
        (CutOffKind.Namespace, _) => [("namespace", Target)],
        _ => [],
    };

    /// <summary>The sentence that a holder reads.</summary>
    public string Explanation
    {
        get
        {
            var target = Kind == CutOffKind.All ? "everybody" : $"{Kind.ToString().ToLowerInvariant()} {Target}";
            return $"an operator has cut off {target}" + (Reason.Length == 0 ? "" : $": {Reason}");
        }
    }
}
