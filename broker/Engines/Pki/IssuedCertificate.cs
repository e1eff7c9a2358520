using SidecarAgent.Broker.Crypto;

namespace SidecarAgent.Broker.Engines.Pki;

/// <summary>A certificate and its key, all in PEM; they reach the pod as one set.</summary>
/// <param name="Certificate">The leaf.</param>
/// <param name="Chain">What a server presents: the leaf, and the CAs between it and the one that others trust.</param>
/// <param name="Ca">The CA to trust.</param>
/// <param name="Key">The private key, PKCS#8.</param>
internal sealed record IssuedCertificate(string Certificate, string Chain, string Ca, SecretBytes Key) : IDisposable
{
    public const string KeyField = "privateKey";

    /// <summary>The fields that are no secrets.</summary>
    public IReadOnlyDictionary<string, string> Identifiers => new Dictionary<string, string>
    {
        ["certificate"] = Certificate,
        ["chain"] = Chain,
        ["ca"] = Ca,
    };

    public void Dispose() => Key.Dispose();
}
