using System.Net.Security;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SidecarAgent.Agent.Configuration;

namespace SidecarAgent.Agent.Connection;

/// <summary>Whom the agent believes to be the broker: who has a certificate of the configured CA for the broker's name.</summary>
internal static partial class BrokerTrust
{
    /// <summary>
    /// Keeps OpenSSL from reading the system's CA bundle, which is trusted for nothing here and costs some 65 ms and 2 MB at
    /// the first handshake. Must be called before anything uses TLS or certificates; the variables must reach the C library,
    /// whose environment <see cref="Environment.SetEnvironmentVariable(string, string?)"/> does not touch.
    /// </summary>
    public static void IgnoreSystemBundle()
    {
        _ = SetVariable("SSL_CERT_FILE", "/dev/null", overwrite: 1);
        _ = SetVariable("SSL_CERT_DIR", "/nonexistent", overwrite: 1);
    }

    /// <exception cref="InvalidConfigurationException">The PEM text cannot be read.</exception>
    public static X509Certificate2Collection Roots(BrokerOptions broker)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPem(broker.CaPem);
        }
        catch (CryptographicException error)
        {
            throw new InvalidConfigurationException($"broker: the CA's PEM cannot be read: {error.Message}");
        }

        return roots;
    }

    /// <summary>TLS 1.3; the name in the address must be in the certificate.</summary>
    public static SslClientAuthenticationOptions Tls(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(roots);
        return new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls13,
            CertificateChainPolicy = policy,
        };
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
