using SidecarAgent.V1;

namespace SidecarAgent.Agent.Sync;

/// <summary>A secret that at least one file needs.</summary>
/// <param name="Path">At the broker.</param>
/// <param name="Fields">Sorted; empty: every field that the grant allows.</param>
/// <param name="IsShared">
/// A file needs it together with another secret. Its values stay in memory, so that a rotation of the other can be rendered
/// without asking the broker for this one again (a round trip, an audit entry, and a failure if it is just then away). All
/// other values are zeroed as soon as they are on disk.
/// </param>
internal sealed record WantedSecret(string Path, IReadOnlyList<string> Fields, bool IsShared)
{
    /// <param name="lease">The lease held; null or empty: none.</param>
    /// <param name="heldVersion">Whose values are on disk; 0: send the values.</param>
    public SecretRequest Request(string? lease, ulong heldVersion) =>
        new() { Path = Path, Fields = { Fields }, LeaseId = lease ?? "", HeldVersion = heldVersion };
}
