using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Identity;

/// <summary>
/// Verifies the certificates that operators show in the TLS handshake (RFC 5280): from the configured CA and no other, in
/// its time, and made for clients.
/// </summary>
internal sealed class OperatorCertificates(IReadOnlyList<AdminCertificate> admins, TimeProvider clock)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string AlternativeNames = "2.5.29.17";
    private const int UriTag = 6;

    public OperatorResult Verify(X509Certificate2 certificate)
    {
        var subject = ForeignText.Clean(certificate.Subject);
        if (!IsForClients(certificate))
            return Rejected($"the certificate of {subject} is not made for clients (extended key usage clientAuth)");
        var names = admins.Where(admin => Names(certificate, admin)).ToList();
        if (names.Count == 0)
            return new OperatorResult.NotAnAdmin($"the certificate of {subject} is not listed under 'admins'");
        try
        {
            foreach (var admin in names)
            {
                if (IsFrom(admin.CaFile, certificate))
                    return new OperatorResult.Verified(new Operator($"certificate:{admin.Name}"));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return Rejected($"the certificate of {subject} cannot be verified, because the CA that is configured for it cannot be read");
        }

        return Rejected($"the certificate of {subject} is not from the CA that is configured for it, or its time is over");
    }

    private static OperatorResult.Rejected Rejected(string message) => new(TokenRejection.Certificate, message);

    private static bool IsForClients(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>()
            .Any(usage => usage.EnhancedKeyUsages.Cast<Oid>().Any(oid => oid.Value == ClientAuthentication));

    private static bool Names(X509Certificate2 certificate, AdminCertificate admin) =>
        (admin.Subject is null || admin.Subject == certificate.Subject)
        && (admin.Uri is null || Uris(certificate).Contains(admin.Uri));

    private static List<string> Uris(X509Certificate2 certificate)
    {
        var uris = new List<string>();
        foreach (var extension in certificate.Extensions.Where(extension => extension.Oid?.Value == AlternativeNames))
        {
            try
            {
                var names = new System.Formats.Asn1.AsnReader(extension.RawData, System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence();
                while (names.HasData)
                {
                    var tag = names.PeekTag();
                    if (tag is { TagClass: System.Formats.Asn1.TagClass.ContextSpecific, TagValue: UriTag })
                        uris.Add(names.ReadCharacterString(System.Formats.Asn1.UniversalTagNumber.IA5String, tag));
                    else
                        names.ReadEncodedValue();
                }
            }
            catch (System.Formats.Asn1.AsnContentException)
            {
                // A list of names that cannot be read names nobody.
                return [];
            }
        }

        return uris;
    }

    private bool IsFrom(string caFile, X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(caFile);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.VerificationTime = clock.GetUtcNow().UtcDateTime;
        return chain.Build(certificate);
    }
}
