using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Storage;

/// <summary>
/// A read transaction that is open and whose results may be kept. It gathers what is changed meanwhile: of that, the
/// read has seen the past.
/// </summary>
internal sealed class CacheFill(SecretCache cache) : IDisposable
{
    /// <summary>Secrets (without a holder), and leases of holders on them. The cache's lock guards it.</summary>
    internal HashSet<(string? Holder, SecretPath Path)> Changed { get; } = [];

    /// <summary>Nothing of what it finds may be kept. The cache's lock guards it.</summary>
    internal bool IsSpoiled { get; set; }

    /// <param name="secret">As the transaction sees it.</param>
    /// <param name="holder">Of the leases.</param>
    /// <param name="held">All of that holder's live leases on the secret.</param>
    public void Keep(StoredSecret secret, string holder, IReadOnlyList<Lease> held) => cache.Keep(this, secret, holder, held);

    /// <summary>Of a secret whose versions belong to one holder each, and which is therefore not kept itself.</summary>
    public void Keep(SecretPath path, string holder, IReadOnlyList<Lease> held) => cache.Keep(this, path, holder, held);

    public void Dispose() => cache.End(this);
}
