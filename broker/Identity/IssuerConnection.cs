using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Identity;

/// <summary>
/// The way to an issuer's server: it is believed by the configured CA only, and shown the configured token, both read
/// anew for each connection, so that a changed file counts at once.
/// </summary>
internal static class IssuerConnection
{
    /// <exception cref="KeysUnavailableException">The token file holds no token.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static HttpClient Open(IssuerOptions issuer, int maxAnswer)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = TrustOnlyCa(issuer) },
        };
        var client = new HttpClient(handler, disposeHandler: true)
        {
            MaxResponseContentBufferSize = maxAnswer,
            // Whoever uses it limits the whole, by the broker's clock.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (issuer.TokenFile is { } file)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token(file));
        return client;
    }

    /// <summary>Looked at before the header is made, whose own error would repeat the token.</summary>
    private static string Token(string file)
    {
        var token = File.ReadAllText(file).Trim();
        return token.All(c => c is > ' ' and <= '~')
            ? token
            : throw new KeysUnavailableException($"the token file {file} does not hold one line of printable ASCII");
    }

    private static X509ChainPolicy? TrustOnlyCa(IssuerOptions issuer)
    {
        if (issuer.CaFile is not { } file)
            return null;
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            // A private CA that a cluster makes for itself publishes no revocation list.
            RevocationMode = X509RevocationMode.NoCheck,
            // A certificate that is not from it must not send the broker to an address that it names (RFC 5280, 4.2.2.1).
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.ImportFromPemFile(file);
        return policy;
    }
}
