using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SidecarAgent.Webhook.Kubernetes;

/// <summary>Trusts the cluster's authorities and no others. Their file is read at each handshake, because clusters change theirs.</summary>
internal static class ApiTrust
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    public static SslClientAuthenticationOptions From(string caFile) => new()
    {
        RemoteCertificateValidationCallback = (_, certificate, sent, errors) =>
            (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) is SslPolicyErrors.None
            && certificate is X509Certificate2 server
            && IsVouchedFor(server, sent, caFile),
    };

    private static bool IsVouchedFor(X509Certificate2 server, X509Chain? sent, string caFile)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(caFile);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ApplicationPolicy.Add(ServerAuthentication);
        // Clusters publish no revocation lists, and nothing is to be fetched from addresses in a certificate.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        if (sent is not null)
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainElements.Select(element => element.Certificate).ToArray());
        return chain.Build(server);
    }
}
