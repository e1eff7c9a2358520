using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SidecarAgent.Testing;

/// <summary>
/// A private CA and one server certificate for 127.0.0.1, ::1 and localhost (ECDSA P-256), as PEM files in a directory.
/// Valid by the machine's clock, because TLS looks at no other.
/// </summary>
public sealed class TestCertificates : IDisposable
{
    private static readonly TimeSpan Life = TimeSpan.FromDays(1);

    private readonly X509Certificate2 _ca;
    private readonly string _directory;
    private X509Certificate2 _server;

    public TestCertificates(string directory)
    {
        _directory = directory;
        _ca = MakeCa();
        File.WriteAllText(CaFile, _ca.ExportCertificatePem());
        _server = WriteServer();
    }

    /// <summary>The CA's certificate: what a client trusts.</summary>
    public string CaFile => Path.Combine(_directory, "ca.crt");

    /// <summary>The server's certificate.</summary>
    public string CertFile => Path.Combine(_directory, "tls.crt");

    /// <summary>The server's key, PKCS#8.</summary>
    public string KeyFile => Path.Combine(_directory, "tls.key");

    /// <summary>The CA's certificate, with its key.</summary>
    public X509Certificate2 Ca => _ca;

    /// <summary>The server's certificate with its key, for Kestrel.</summary>
    public X509Certificate2 Server => _server;

    /// <summary>Replaces the server's certificate and key by new ones of the same CA.</summary>
    public void RenewServer()
    {
        var old = _server;
        _server = WriteServer();
        old.Dispose();
    }

    public void Dispose()
    {
        _server.Dispose();
        _ca.Dispose();
    }

    private static X509Certificate2 MakeCa()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Sidecar Agent test CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now - Life, now + Life);
    }

    private X509Certificate2 WriteServer()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "serverAuth")], false));

        using var certificate =
            request.Create(_ca, _ca.NotBefore, _ca.NotAfter, RandomNumberGenerator.GetBytes(16));
        using var withKey = certificate.CopyWithPrivateKey(key);
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(CertFile, certificate.ExportCertificatePem());
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }
}
