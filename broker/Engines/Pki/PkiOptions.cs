using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Engines.Pki;

/// <summary>A mount whose secrets are certificates of a CA of the broker's own.</summary>
/// <param name="CommonName"><c>ca.commonName</c>: what the CA is called. Required.</param>
/// <param name="Lifetime"><c>ca.lifetime</c>: of the CA's own certificate, from its making; default 3650d.</param>
/// <param name="CrlUrl"><c>crlUrl</c>: where certificates say that revocations are published; null: they do not say.</param>
/// <param name="Roles"><c>roles</c>: what certificates are for. At least one.</param>
internal sealed record PkiOptions(string CommonName, TimeSpan Lifetime, Uri? CrlUrl, IReadOnlyDictionary<string, PkiRole> Roles)
{
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromDays(3650);
}

/// <summary>What a certificate is for.</summary>
/// <param name="Names"><c>names</c>: the names that it carries. At least one.</param>
/// <param name="Key"><c>key</c>: ecdsa-p256 (default), ecdsa-p384, rsa or ed25519.</param>
/// <param name="Usages"><c>usages</c>: server, client; default both.</param>
internal sealed record PkiRole(IReadOnlyList<CertificateName> Names, Generator Key, IReadOnlyList<string> Usages)
{
    /// <summary>Words for extended key usages, and their object identifiers (RFC 5280, section 4.2.1.12).</summary>
    public static readonly IReadOnlyDictionary<string, string> KnownUsages = new Dictionary<string, string>
    {
        ["server"] = "1.3.6.1.5.5.7.3.1",
        ["client"] = "1.3.6.1.5.5.7.3.2",
    };
}
