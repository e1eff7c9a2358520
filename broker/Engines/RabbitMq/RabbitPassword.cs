using System.Security.Cryptography;

namespace SidecarAgent.Broker.Engines.RabbitMq;

/// <summary>
/// What RabbitMQ keeps of a password (<c>rabbit_password_hashing_sha256</c>, its default): four random bytes and the
/// SHA-256 of them and the password. Made here, the password never travels to the management API.
/// </summary>
internal static class RabbitPassword
{
    public const string Algorithm = "rabbit_password_hashing_sha256";

    private const int SaltSize = 4;

    public static string Hash(ReadOnlySpan<byte> password)
    {
        Span<byte> salt = stackalloc byte[SaltSize];
        RandomNumberGenerator.Fill(salt);
        Span<byte> kept = stackalloc byte[SaltSize + SHA256.HashSizeInBytes];
        salt.CopyTo(kept);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(salt);
        hash.AppendData(password);
        hash.GetHashAndReset(kept[SaltSize..]);
        return Convert.ToBase64String(kept);
    }
}
