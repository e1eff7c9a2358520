using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Engines;

/// <summary>What issues the secrets below a mount.</summary>
internal interface ISecretEngine
{
    /// <summary>Whether there can be anything at this path, below the engine's mount.</summary>
    bool Serves(SecretPath path);

    /// <summary>Reads what an answer about a secret is decided on. It changes nothing.</summary>
    /// <param name="session">All of it at one moment.</param>
    /// <param name="holder">Who asks.</param>
    /// <param name="path">Below this engine's mount.</param>
    /// <param name="now">Leases that end later are live.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<Facts> ReadAsync(
        Session session, string holder, SecretPath path, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>What is left of a grant's times where the engine allows less.</summary>
    LeaseTerms Limit(SecretPath path, LeaseTerms granted);
}
