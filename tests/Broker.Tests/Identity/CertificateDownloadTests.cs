using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Identity;

/// <summary>Whoever stands in the place of a server shows a certificate that says where its CA is to be had.</summary>
public sealed class CertificateDownloadTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly TestCertificates _certificates;
    private readonly TcpListener _elsewhere = new(IPAddress.Loopback, 0);
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);

    public CertificateDownloadTests()
    {
        _certificates = new TestCertificates(_directory.FullName);
        _elsewhere.Start();
        _server.Start();
    }

    public void Dispose()
    {
        _server.Dispose();
        _elsewhere.Dispose();
        _certificates.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_stranger_s_certificate_does_not_send_the_broker_to_an_address_of_its_choice()
    {
        using var certificate = Stranger();
        var serving = ServeAsync(certificate);
        using var client = IssuerConnection.Open(
            new IssuerOptions
            {
                Issuer = "https://localhost",
                Audience = "sidecar-broker",
                Keys = new KeySource.Discovery(),
                CaFile = _certificates.CaFile,
            },
            1024);

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri($"https://localhost:{Port(_server)}/")));
        await serving;

        Assert.False(_elsewhere.Pending());
    }

    [Fact]
    public void Nor_does_that_of_an_account_server()
    {
        using var certificate = Stranger();

        Assert.False(ServerTrust.IsTrusted(_certificates.CaFile, certificate, SslPolicyErrors.RemoteCertificateChainErrors));
        Assert.False(_elsewhere.Pending());
    }

    [Fact]
    public async Task Nor_does_that_of_somebody_who_calls_the_broker()
    {
        await using var broker = await RunningBroker.StartAsync(
            moreAdmins: $", {{ clientCertificate: {{ caFile: '{_certificates.CaFile}', subject: 'CN=alice' }} }}");
        using var certificate = Stranger();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, broker.Address.Port);
        await using var stream = new SslStream(client.GetStream());
        var options = broker.SslOptions();
        options.ApplicationProtocols = [SslApplicationProtocol.Http2];
        options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);

        await stream.AuthenticateAsClientAsync(options);
        await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"u8.ToArray());
        // Its settings (RFC 9113, 3.4): it has looked at the certificate.
        Assert.True(await stream.ReadAsync(new byte[9]) > 0);

        Assert.False(_elsewhere.Pending());
    }

    private static int Port(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;

    private async Task ServeAsync(X509Certificate2 certificate)
    {
        using var client = await _server.AcceptTcpClientAsync();
        await using var stream = new SslStream(client.GetStream());
        try
        {
            await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                // Else this end itself would look for the certificate's CA.
                ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
            });
            // Of TLS 1.3 the server is done before it hears that it is not believed.
            _ = await stream.ReadAsync(new byte[1]);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
        }
    }

    private X509Certificate2 Stranger()
    {
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var ca = new CertificateRequest("CN=strangers", caKey, HashAlgorithmName.SHA256);
        ca.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        using var authority = ca.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var leaf = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        leaf.CertificateExtensions.Add(names.Build());
        leaf.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [$"http://127.0.0.1:{Port(_elsewhere)}/ca.crt"]));
        using var made = leaf.Create(authority, now.AddHours(-1), now.AddHours(1), [1, 2, 3]);
        using var pair = made.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null);
    }
}
