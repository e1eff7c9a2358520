using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using static SidecarAgent.Ctl.CommandFailedException;

namespace SidecarAgent.Ctl.Development;

/// <summary>
/// A certificate authority for one machine: <c>ca.crt</c> and <c>ca.key</c> in a directory, made on first use and never
/// written again. ECDSA on P-256 throughout.
/// </summary>
internal sealed class DevelopmentAuthority : IDisposable
{
    public static readonly TimeSpan LeafLifetime = TimeSpan.FromDays(90);

    private const int MaxCommonName = 64;
    private static readonly TimeSpan AuthorityLifetime = TimeSpan.FromDays(3650);

    // Clocks of containers and of their hosts differ a little.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private readonly X509Certificate2 _certificate;

    private DevelopmentAuthority(X509Certificate2 certificate) => _certificate = certificate;

    /// <summary>After a crash between key and certificate, the certificate is made from the key that is there.</summary>
    /// <exception cref="CommandFailedException">What is there cannot be used.</exception>
    public static DevelopmentAuthority Open(string directory, DateTimeOffset now)
    {
        Directory.CreateDirectory(directory);
        var (certificateFile, keyFile) = (Path.Combine(directory, "ca.crt"), Path.Combine(directory, "ca.key"));
        if (File.Exists(certificateFile) && !File.Exists(keyFile))
            throw Failed($"{certificateFile} is there without its key {keyFile}; a leaf cannot be made, choose another --out");

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        PrivateKeyFile.LoadOrCreate(keyFile, key);
        if (!File.Exists(certificateFile))
            AtomicFile.TryCreate(certificateFile, SelfSigned(key, now) + "\n", AtomicFile.Public);
        return new DevelopmentAuthority(Load(certificateFile, key, now));
    }

    /// <summary>A server certificate for the hosts (names or IP addresses, at least one), and its key, both PEM.</summary>
    public (string Certificate, string Key) Issue(IReadOnlyList<string> hosts, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(hosts[0].Length <= MaxCommonName ? hosts[0] : "sidecar-agent development");
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "serverAuth")], false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, true, false));

        // A leaf must lie within its authority's validity at both ends.
        var notAfter = Min(now + LeafLifetime, _certificate.NotAfter);
        var notBefore = Max(now - Skew, _certificate.NotBefore);
        using var certificate = request.Create(_certificate, notBefore, notAfter, RandomNumberGenerator.GetBytes(16));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose() => _certificate.Dispose();

    private static string SelfSigned(ECDsa key, DateTimeOffset now)
    {
        var request = new CertificateRequest("CN=Sidecar Agent development CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(now - Skew, now + AuthorityLifetime);
        return certificate.ExportCertificatePem();
    }

    private static X509Certificate2 Load(string file, ECDsa key, DateTimeOffset now)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(file));
            return now < certificate.NotAfter
                ? certificate.CopyWithPrivateKey(key)
                : throw Failed($"{file} has expired; delete it and its key to have new ones made, and trust the new one");
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw Failed($"{file} is not the certificate of the key beside it; choose another --out", e);
        }
    }

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
