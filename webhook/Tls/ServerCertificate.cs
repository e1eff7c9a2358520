using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SidecarAgent.Webhook.Configuration;

namespace SidecarAgent.Webhook.Tls;

/// <summary>
/// The certificate that new connections are answered with. Replacing it leaves open connections alone.
/// </summary>
internal sealed class ServerCertificate
{
    private volatile Loaded? _loaded;

    private sealed record Loaded(SslStreamCertificateContext Context, DateTimeOffset NotBefore, DateTimeOffset NotAfter);

    public SslStreamCertificateContext Context => Current.Context;

    public DateTimeOffset NotAfter => Current.NotAfter;

    private Loaded Current => _loaded ?? throw new InvalidOperationException("No certificate was read yet.");

    public bool IsValidAt(DateTimeOffset time) => Current.NotBefore <= time && time < Current.NotAfter;

    public FileWatch Watch(CertificateFiles files) =>
        new([files.CertFile, files.KeyFile], contents => Use(files, contents[0], contents[1]));

    private void Use(CertificateFiles files, byte[] certificatePem, byte[] keyPem)
    {
        var pem = Encoding.UTF8.GetString(certificatePem);
        var chain = new X509Certificate2Collection();
        X509Certificate2 certificate;
        try
        {
            chain.ImportFromPem(pem);
            certificate = X509Certificate2.CreateFromPem(pem, Encoding.UTF8.GetString(keyPem));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new InvalidDataException(
                $"{files.CertFile} and {files.KeyFile} are not a certificate and its key in PEM: {e.Message}", e);
        }

        var context = SslStreamCertificateContext.Create(certificate, chain, offline: true);
        _loaded = new Loaded(context, certificate.NotBefore, certificate.NotAfter);
    }
}
