using System.Security.Cryptography;
using System.Text;

namespace SidecarAgent.Broker.Engines.Postgres;

/// <summary>
/// What PostgreSQL keeps of a password (RFC 5803 as its <c>rolpassword</c> writes it). Made here, the password never
/// travels to the server, and is in none of its logs.
/// </summary>
internal static class ScramVerifier
{
    /// <summary>The least that RFC 7677 names, and the least that every driver accepts.</summary>
    public const int UsualIterations = 4096;

    private const int SaltSize = 16;
    private const int HashSize = 32;

    /// <param name="password">ASCII.</param>
    /// <param name="iterations">
    /// How often it is hashed, here, by the server when it is told the verifier, and by whoever logs in. It is what makes guessing a
    /// password that somebody chose slow; what <see cref="Accounts.AccountPassword"/> makes cannot be guessed at any speed.
    /// </param>
    public static string Make(ReadOnlySpan<byte> password, int iterations)
    {
        Span<byte> salt = stackalloc byte[SaltSize];
        RandomNumberGenerator.Fill(salt);
        return Make(password, salt, iterations);
    }

    public static string Make(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations)
    {
        Span<byte> salted = stackalloc byte[HashSize];
        Span<byte> clientKey = stackalloc byte[HashSize];
        Span<byte> storedKey = stackalloc byte[HashSize];
        Span<byte> serverKey = stackalloc byte[HashSize];
        Rfc2898DeriveBytes.Pbkdf2(password, salt, salted, iterations, HashAlgorithmName.SHA256);
        HMACSHA256.HashData(salted, "Client Key"u8, clientKey);
        SHA256.HashData(clientKey, storedKey);
        HMACSHA256.HashData(salted, "Server Key"u8, serverKey);
        var verifier = new StringBuilder("SCRAM-SHA-256$")
            .Append(iterations).Append(':').Append(Convert.ToBase64String(salt))
            .Append('$').Append(Convert.ToBase64String(storedKey))
            .Append(':').Append(Convert.ToBase64String(serverKey)).ToString();
        CryptographicOperations.ZeroMemory(salted);
        CryptographicOperations.ZeroMemory(clientKey);
        return verifier;
    }
}
