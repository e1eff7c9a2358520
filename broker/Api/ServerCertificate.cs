using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Api;

/// <summary>
/// The certificate that the broker shows, read again when its files change. New connections get the new one; open ones
/// stay. Files that do not fit together, as while they are being replaced, change nothing.
/// </summary>
internal sealed partial class ServerCertificate
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(10);

    private readonly TlsOptions _files;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private string _tried;
    private readonly bool _asksForCertificates;
    private volatile SslServerAuthenticationOptions _current;

    /// <exception cref="CannotStartException">The files cannot be used.</exception>
    public ServerCertificate(
        TlsOptions files, TimeProvider clock, ILogger<ServerCertificate> logger, AdminOptions? admins = null)
    {
        _files = files;
        _clock = clock;
        _logger = logger;
        _asksForCertificates = admins?.Certificates.Count > 0;
        try
        {
            (var certificate, var key) = Read();
            _tried = certificate + key;
            _current = Load(certificate, key);
        }
        catch (Exception e) when (IsProblem(e))
        {
            throw new CannotStartException(
                $"The certificate {files.CertFile} and its key {files.KeyFile} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>For the next handshake.</summary>
    public SslServerAuthenticationOptions Current => _current;

    /// <summary>When the certificate for the next handshake ends.</summary>
    public DateTimeOffset EndsAt => _current.ServerCertificateContext!.TargetCertificate.NotAfter;

    /// <summary>Looks at the files until it is cancelled; then it throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Poll, _clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
            Look();
    }

    private void Look()
    {
        try
        {
            (var certificate, var key) = Read();
            if (certificate + key == _tried)
                return;
            _tried = certificate + key;
            _current = Load(certificate, key);
            LogReloaded(_files.CertFile);
        }
        catch (Exception e) when (IsProblem(e))
        {
            LogUnusable(_files.CertFile, _files.KeyFile, e.Message);
        }
    }

    private (string Certificate, string Key) Read() => (File.ReadAllText(_files.CertFile), File.ReadAllText(_files.KeyFile));

    private SslServerAuthenticationOptions Load(string certificate, string key)
    {
        var leaf = X509Certificate2.CreateFromPem(certificate, key);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificate);
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(leaf, chain, offline: true),
#pragma warning disable CA5398 // "Let the system choose" would also choose TLS 1.2.
            EnabledSslProtocols = SslProtocols.Tls13,
#pragma warning restore CA5398
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            // Asked for where one can make an operator, and never required: workloads have none. Whose it is and whether it
            // counts is found out when the call wants to know; the handshake proves that its key is there.
            ClientCertificateRequired = _asksForCertificates,
            CertificateChainPolicy = _asksForCertificates ? LookNowhere() : null,
#pragma warning disable CA5359 // A client's certificate, which OperatorCertificates verifies before it proves anything.
            RemoteCertificateValidationCallback = _asksForCertificates ? (_, _, _, _) => true : null,
#pragma warning restore CA5359
        };
    }

    /// <summary>
    /// The handshake makes up a chain for whatever certificate a stranger shows, though nobody looks at it. It must not fetch
    /// what is missing from an address in that certificate (RFC 5280, 4.2.2.1), and wait for it on a thread of the pool.
    /// </summary>
    private static X509ChainPolicy LookNowhere() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };

    private static bool IsProblem(Exception e) =>
        e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    [LoggerMessage(LogLevel.Information, "The certificate {File} has changed; new connections get the new one.")]
    private partial void LogReloaded(string file);

    [LoggerMessage(LogLevel.Warning, "The certificate {CertFile} and its key {KeyFile} have changed and cannot be used ({Problem}). The previous ones stay.")]
    private partial void LogUnusable(string certFile, string keyFile, string problem);
}
