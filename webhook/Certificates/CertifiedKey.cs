using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SidecarAgent.Webhook.Certificates;

/// <summary>A certificate with its private key, ECDSA P-256, as it was made here.</summary>
internal sealed class CertifiedKey
{
    public CertifiedKey(X509Certificate2 certificate)
    {
        Certificate = certificate;
        using var key = certificate.GetECDsaPrivateKey() ?? throw new ArgumentException("The certificate has no ECDSA key.", nameof(certificate));
        CertificatePem = certificate.ExportCertificatePem() + "\n";
        KeyPem = key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    /// <summary>With its key.</summary>
    public X509Certificate2 Certificate { get; }

    public string CertificatePem { get; }

    /// <summary>PKCS#8.</summary>
    public string KeyPem { get; }

    public DateTimeOffset NotBefore => Certificate.NotBefore;

    public DateTimeOffset NotAfter => Certificate.NotAfter;

    /// <summary>When two thirds of its life are over: time to renew it.</summary>
    public DateTimeOffset RenewAt => NotBefore + ((NotAfter - NotBefore) * 2 / 3);

    /// <returns>False if the two are no certificate and its ECDSA key.</returns>
    public static bool TryRead(string certificatePem, string keyPem, [NotNullWhen(true)] out CertifiedKey? read)
    {
        read = null;
        try
        {
            var certificate = X509Certificate2.CreateFromPem(certificatePem, keyPem);
            if (certificate.GetECDsaPrivateKey() is null)
                return false;
            read = new CertifiedKey(certificate);
            return true;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Whether this is an authority that signed the other, whatever the time is.</summary>
    public bool Signed(CertifiedKey leaf)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        return chain.Build(leaf.Certificate);
    }

    /// <summary>Whether it may sign others.</summary>
    public bool IsAuthority =>
        Certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(extension => extension.CertificateAuthority);

    public bool IsFor(IReadOnlyCollection<string> names) =>
        Certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(extension => extension.EnumerateDnsNames())
            .Order(StringComparer.Ordinal).SequenceEqual(names.Order(StringComparer.Ordinal), StringComparer.Ordinal);

    public override string ToString() => $"{Certificate.Subject} until {NotAfter:u}, key ***";
}
