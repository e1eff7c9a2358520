using SidecarAgent.Broker.Credentials;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Leases;

/// <summary>What the database says about one secret and one holder, all of it at the same moment.</summary>
/// <param name="Head">The secret; null: there is none.</param>
/// <param name="Fields">Names of the active version's fields, sorted.</param>
/// <param name="Lease">The holder's live lease on the active version, if any.</param>
internal sealed record Facts(SecretHead? Head, IReadOnlyList<string> Fields, Lease? Lease)
{
    /// <summary>Why there is nothing, where the engine can say more than that.</summary>
    public string? Missing { get; init; }

    /// <summary>Every holder gets a version of its own, which is made when it asks.</summary>
    public bool IsMade { get; init; }

    /// <summary>Of such a secret: why no further version can be made now; null: one can.</summary>
    public NotMade? NotMade { get; init; }
}
