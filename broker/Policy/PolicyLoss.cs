using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Policy;

/// <summary>What the pods of one workload would lose of a secret if other policies were in force.</summary>
/// <param name="Workload">One of those that hold it.</param>
/// <param name="Path">Of which secret.</param>
/// <param name="Fields">Which fields of it, sorted; none: the whole secret.</param>
/// <param name="Reason">What the other policies say.</param>
/// <param name="Leases">How many live leases that concerns.</param>
internal sealed record PolicyLoss(Workload Workload, SecretPath Path, IReadOnlyList<string> Fields, string Reason, int Leases);
