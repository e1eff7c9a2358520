using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Policy;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Detection;

/// <summary>Decoys: secrets that no workload has a use for, so that whoever asks for one is up to something.</summary>
/// <param name="Paths">Which.</param>
/// <param name="CutsOff">Whoever asks for one is cut off.</param>
internal sealed record Canary(IReadOnlyList<PathPattern> Paths, bool CutsOff)
{
    public bool Covers(SecretPath path, Workload caller) => Paths.Any(pattern => pattern.Matches(path, caller));
}
