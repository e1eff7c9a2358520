using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Engines.Accounts;

/// <summary>
/// Passwords of accounts: 32 letters and digits, 190 bits. Nothing else, so that every protocol, connection string and
/// URL carries them unchanged and no server's normalisation (SASLprep, RFC 4013) touches them.
/// </summary>
internal static class AccountPassword
{
    private static readonly Generator Generator = new(Generator.DefaultLength, Generator.DefaultAlphabet);

    /// <returns>A fresh one; the caller disposes it.</returns>
    public static SecretBytes Generate() => Generator.Generate().Value;

    /// <summary>Whether it is as long as those that are made here: a shorter one was chosen by somebody.</summary>
    public static bool IsGenerated(SecretBytes password) => password.Memory.Length >= Generator.DefaultLength;

    /// <exception cref="ArgumentException">It is empty, or holds something else than printable ASCII.</exception>
    public static void Require(SecretBytes password)
    {
        if (password.Memory.Length == 0 || password.Span.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
            throw new ArgumentException("An account's password holds only printable ASCII, and at least one character.");
    }
}
