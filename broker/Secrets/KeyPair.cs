using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;
using SidecarAgent.Broker.Crypto;

namespace SidecarAgent.Broker.Secrets;

/// <summary>
/// Fresh key pairs in PEM: the private key as PKCS#8 (RFC 5958), the public one as SubjectPublicKeyInfo. Ed25519 comes
/// from a library, because .NET has none.
/// </summary>
internal static class KeyPair
{
    /// <summary>PKCS#8 of an Ed25519 key (RFC 8410, section 7), up to its 32 bytes.</summary>
    private static readonly byte[] Ed25519Private = Convert.FromHexString("302e020100300506032b657004220420");

    /// <summary>SubjectPublicKeyInfo of an Ed25519 key (RFC 8410, section 4), up to its 32 bytes.</summary>
    private static readonly byte[] Ed25519Public = Convert.FromHexString("302a300506032b6570032100");

    /// <param name="kind">A kind of keys.</param>
    /// <param name="bits">Of RSA.</param>
    public static Generated Generate(GeneratorKind kind, int bits)
    {
        if (kind == GeneratorKind.Ed25519)
            return Ed25519Pair();
        using AsymmetricAlgorithm key = kind switch
        {
            GeneratorKind.Rsa => RSA.Create(bits),
            GeneratorKind.EcdsaP256 => ECDsa.Create(ECCurve.NamedCurves.nistP256),
            GeneratorKind.EcdsaP384 => ECDsa.Create(ECCurve.NamedCurves.nistP384),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
        return Of(key.ExportPkcs8PrivateKey(), key.ExportSubjectPublicKeyInfo());
    }

    private static Generated Ed25519Pair()
    {
        using var seed = new SecretBytes(Ed25519.SecretKeySize);
        RandomNumberGenerator.Fill(seed.Span);
        Span<byte> open = stackalloc byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(seed.Span, open);
        return Of([.. Ed25519Private, .. seed.Span], [.. Ed25519Public, .. open]);
    }

    /// <param name="privateKey">Overwritten.</param>
    /// <param name="publicKey">Its other half.</param>
    private static Generated Of(byte[] privateKey, byte[] publicKey)
    {
        const string label = "PRIVATE KEY";
        var value = new SecretBytes(PemEncoding.GetEncodedSize(label.Length, privateKey.Length) + 1);
        PemEncoding.TryWriteUtf8(System.Text.Encoding.ASCII.GetBytes(label), privateKey, value.Span, out _);
        value.Span[^1] = (byte)'\n';
        CryptographicOperations.ZeroMemory(privateKey);
        return new Generated(value, [.. PemEncoding.WriteUtf8("PUBLIC KEY"u8, publicKey), (byte)'\n']);
    }
}
