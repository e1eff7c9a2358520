using System.Net.Security;
using System.Security.Authentication;
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
    private volatile string _missing = "the certificate was not read yet";

    private sealed record Loaded(
        SslStreamCertificateContext Context, string Thumbprint, DateTimeOffset NotBefore, DateTimeOffset NotAfter);

    /// <exception cref="AuthenticationException">There is none yet: the handshake fails.</exception>
    public SslStreamCertificateContext Context => _loaded?.Context ?? throw new AuthenticationException(_missing);

    /// <summary>Null if there is none yet; so are the others.</summary>
    public DateTimeOffset? NotAfter => _loaded?.NotAfter;

    public string? Thumbprint => _loaded?.Thumbprint;

    /// <summary>Why there is none yet, or none that is newer, for who asks.</summary>
    public string Missing
    {
        get => _missing;
        set => _missing = value;
    }

    public bool IsValidAt(DateTimeOffset time) => _loaded is { } loaded && loaded.NotBefore <= time && time < loaded.NotAfter;

    public FileWatch Watch(CertificateFiles files) =>
        new([files.CertFile, files.KeyFile], contents => Use(files, contents[0], contents[1]));

    /// <param name="certificate">With its key.</param>
    /// <param name="chain">What is sent with it.</param>
    public void Use(X509Certificate2 certificate, X509Certificate2Collection chain)
    {
        var context = SslStreamCertificateContext.Create(certificate, chain, offline: true);
        _loaded = new Loaded(context, certificate.Thumbprint, certificate.NotBefore, certificate.NotAfter);
    }

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

        Use(certificate, chain);
    }
}
