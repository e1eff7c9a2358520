using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Engines.Pki;

/// <summary>What a certificate of a role is made of. Pure but for the fresh key.</summary>
internal static class LeafCertificate
{
    /// <summary>The clocks of those who check it may be behind.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <param name="authority">Signs.</param>
    /// <param name="role">What it is for.</param>
    /// <param name="names">The role's names, filled in, in its order.</param>
    /// <param name="serial">At most 20 bytes, the first one from 1 to 127.</param>
    /// <param name="crlUrl">Where revocations are published; null: not said.</param>
    /// <param name="now">The time.</param>
    /// <param name="validUntil">Cut to the end of the authority's own certificate.</param>
    /// <returns>The certificate in PEM, and its private key, which the caller disposes.</returns>
    public static (string Certificate, Generated Key) Make(
        AuthorityKey authority, PkiRole role, IReadOnlyList<string> names, byte[] serial, Uri? crlUrl, DateTimeOffset now, DateTimeOffset validUntil)
    {
        var pair = role.Key.Generate();
        try
        {
            var pem = Encoding.ASCII.GetString(pair.PublicKey!);
            var publicKey = PublicKey.CreateFromSubjectPublicKeyInfo(Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]), out _);
            var alternatives = new SubjectAlternativeNameBuilder();
            foreach (var (pattern, name) in role.Names.Zip(names))
            {
                if (pattern.IsUri)
                    alternatives.AddUri(new Uri(name));
                else
                    alternatives.AddDnsName(name);
            }

            // No subject: everybody goes by the names beside it, which are critical then (RFC 5280, section 4.2.1.6).
            var request = new CertificateRequest(new X500DistinguishedName([0x30, 0x00]), publicKey, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(alternatives.Build(critical: true));
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
                [.. role.Usages.Select(usage => new Oid(PkiRole.KnownUsages[usage]))], false));
            request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority.Certificate, true, false));
            if (crlUrl is not null)
                request.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([crlUrl.AbsoluteUri]));

            var end = validUntil < authority.Certificate.NotAfter ? validUntil : authority.Certificate.NotAfter;
            using var made = request.Create(
                authority.Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(authority.Key), now - Skew, end, serial);
            return (made.ExportCertificatePem() + "\n", pair);
        }
        catch
        {
            pair.Dispose();
            throw;
        }
    }
}
