using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SidecarAgent.Broker.Tls;

/// <summary>The broker's own CA: makes itself and certificates for servers (ECDSA P-256), as PEM of certificate and key.</summary>
internal static class OwnAuthority
{
    /// <summary>Agents are given the CA when their pods are created, and keep it for their lives.</summary>
    public static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(3650);

    public static readonly TimeSpan CertificateLife = TimeSpan.FromDays(90);

    /// <summary>Clocks that are behind must not find it too new.</summary>
    private static readonly TimeSpan Earlier = TimeSpan.FromHours(1);

    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    public static string NewAuthority(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=sidecar-broker CA {now:yyyy-MM-dd}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(now - Earlier, now + AuthorityLife);
        return Pem(certificate, key);
    }

    /// <param name="authority">The CA, with its key.</param>
    /// <param name="hosts">DNS names and IP addresses.</param>
    /// <param name="now">It is valid from about now on.</param>
    public static string NewCertificate(X509Certificate2 authority, IReadOnlyList<string> hosts, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=sidecar-broker", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([ServerAuthentication], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        request.CertificateExtensions.Add(Names(hosts));
        var ends = new DateTimeOffset(authority.NotAfter) is var last && now + CertificateLife < last ? now + CertificateLife : last;
        using var certificate = request.Create(authority, now - Earlier, ends, RandomNumberGenerator.GetBytes(16));
        return Pem(certificate, key);
    }

    /// <summary>Whether a certificate is another than one for these hosts would be: its names, compared as they are written.</summary>
    public static bool IsFor(X509Certificate2 certificate, IReadOnlyList<string> hosts) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Any(names =>
            names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString()))
                .Order(StringComparer.Ordinal).SequenceEqual(hosts.Order(StringComparer.Ordinal)));

    private static X509Extension Names(IReadOnlyList<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        }

        return names.Build();
    }

    private static string Pem(X509Certificate2 certificate, ECDsa key) =>
        $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
}
