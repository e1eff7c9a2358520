using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace SidecarAgent.Webhook.Configuration;

/// <summary>The certificates that injected agents will trust, from a PEM file. They travel in the pod's specification.</summary>
internal static class BrokerAuthorities
{
    /// <summary>They share one environment variable of 128 KiB with the rest of the agent's configuration.</summary>
    private const int MaxBytes = 32 * 1024;

    /// <returns>The certificates alone, as PEM: whatever else is in the file stays out of pods.</returns>
    /// <exception cref="InvalidDataException">There is no certificate, or too much of it.</exception>
    public static string Read(string path, byte[] content)
    {
        if (content.Length > MaxBytes)
            throw new InvalidDataException($"{path} has {content.Length} bytes; at most {MaxBytes} are allowed, because they go into every injected pod");
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(Encoding.UTF8.GetString(content));
        }
        catch (CryptographicException e)
        {
            throw new InvalidDataException($"{path} holds a certificate that cannot be read: {e.Message}", e);
        }

        if (certificates.Count == 0)
            throw new InvalidDataException($"{path} holds no certificate (-----BEGIN CERTIFICATE-----)");
        return string.Concat(certificates.Select(certificate => certificate.ExportCertificatePem() + "\n"));
    }
}
