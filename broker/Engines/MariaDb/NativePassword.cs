using System.Security.Cryptography;

namespace SidecarAgent.Broker.Engines.MariaDb;

/// <summary>
/// What MariaDB keeps of a password in <c>mysql_native_password</c>, its default: SHA-1 of SHA-1, in hexadecimal after
/// a <c>*</c>. Made here, the password never travels to the server. The passwords are random, so that neither SHA-1 nor
/// the missing salt gives an attacker a hold.
/// </summary>
internal static class NativePassword
{
    public static string Hash(ReadOnlySpan<byte> password)
    {
        Span<byte> once = stackalloc byte[SHA1.HashSizeInBytes];
        Span<byte> twice = stackalloc byte[SHA1.HashSizeInBytes];
        // The server's protocol knows no other hash for this.
#pragma warning disable CA5350 // See above.
        SHA1.HashData(password, once);
        SHA1.HashData(once, twice);
#pragma warning restore CA5350
        // Whoever knows the first can log in without the password.
        CryptographicOperations.ZeroMemory(once);
        return $"*{Convert.ToHexString(twice)}";
    }
}
