using System.Security.Cryptography;
using System.Text;

namespace SidecarAgent.Broker.Audit;

/// <summary>
/// What a checkpoint signs: the number and the hash of the entry before it, and with that, through the chain, every entry
/// up to there. ECDSA (FIPS 186-5) with SHA-256; signatures are ASN.1 DER, as <c>openssl dgst -verify</c> takes them.
/// </summary>
internal static class CheckpointText
{
    public const DSASignatureFormat Format = DSASignatureFormat.Rfc3279DerSequence;

    public static byte[] Of(AuditHead head) =>
        Encoding.ASCII.GetBytes(string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"sidecar-agent audit checkpoint 1\n{head.Sequence}\n{head.Hash}\n"));

    /// <returns>A name for a key: the first 16 hex digits of the SHA-256 of its SubjectPublicKeyInfo (RFC 5280).</returns>
    public static string KeyId(ECDsa key) =>
        Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()).AsSpan(0, 8));
}
