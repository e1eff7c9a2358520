using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SidecarAgent.Webhook.Certificates;

/// <summary>Makes authorities and the certificates that they vouch for: ECDSA P-256, SHA-256 (RFC 5280, RFC 5480).</summary>
internal static class Issuer
{
    /// <summary>
    /// With <see cref="LeafLife"/> well within the third that is left when an authority is replaced, no leaf outlives its authority.
    /// </summary>
    public static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(365);

    public static readonly TimeSpan LeafLife = TimeSpan.FromDays(90);

    /// <summary>Certificates are valid from so long ago, for API servers whose clocks are behind.</summary>
    public static readonly TimeSpan Backdate = TimeSpan.FromHours(1);

    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    public static CertifiedKey Authority(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // A name of its own: verifiers look an issuer up by its name, and for some time there are two.
        var name = $"CN=sidecar-webhook authority {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(
            certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return new CertifiedKey(request.CreateSelfSigned(now - Backdate, now + AuthorityLife));
    }

    /// <param name="authority">Who vouches for it.</param>
    /// <param name="names">DNS names, at least one.</param>
    /// <param name="now">By the clock of those who verify.</param>
    public static CertifiedKey Leaf(CertifiedKey authority, IReadOnlyCollection<string> names, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=sidecar-webhook", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
            alternatives.AddDnsName(name);
        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(
            certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([ServerAuthentication], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            authority.Certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var end = now + LeafLife;
        using var certificate = request.Create(
            authority.Certificate,
            Later(now - Backdate, authority.NotBefore),
            end < authority.NotAfter ? end : authority.NotAfter,
            RandomNumberGenerator.GetBytes(16));
        return new CertifiedKey(certificate.CopyWithPrivateKey(key));
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
