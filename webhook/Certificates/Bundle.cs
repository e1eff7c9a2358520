using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SidecarAgent.Webhook.Certificates;

/// <summary>Certificates of authorities, in PEM, one after the other.</summary>
internal static class Bundle
{
    /// <summary>Empty if it is no PEM of certificates: what cannot be read vouches for nobody.</summary>
    public static IReadOnlyList<X509Certificate2> Read(string pem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            return [];
        }

        return [.. certificates];
    }

    public static string Write(IEnumerable<X509Certificate2> certificates) =>
        string.Concat(certificates.Select(certificate => certificate.ExportCertificatePem() + "\n"));

    /// <summary>Whether both hold the same certificates, in whatever order.</summary>
    public static bool IsSame(IReadOnlyCollection<X509Certificate2> one, IReadOnlyCollection<X509Certificate2> other) =>
        one.Count == other.Count && one.All(certificate => Holds(other, certificate));

    public static bool Holds(IEnumerable<X509Certificate2> bundle, X509Certificate2 certificate) =>
        bundle.Any(held => held.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span));

    /// <summary>Each once.</summary>
    public static IReadOnlyList<X509Certificate2> Distinct(IEnumerable<X509Certificate2> certificates) =>
        [.. certificates.DistinctBy(certificate => certificate.Thumbprint, StringComparer.Ordinal)];
}
