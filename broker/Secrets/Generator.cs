using System.Security.Cryptography;
using System.Text;
using SidecarAgent.Broker.Crypto;

namespace SidecarAgent.Broker.Secrets;

/// <summary>How the broker makes a value, so that nobody needs to know it.</summary>
/// <param name="Length">Characters, 16 to 1024.</param>
/// <param name="Alphabet">What to choose from: 2 to 128 different printable ASCII characters.</param>
internal sealed record Generator(int Length, string Alphabet)
{
    public const int DefaultLength = 32;
    public const string DefaultAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>What is wrong with it and what was expected; null: nothing.</summary>
    public string? Problem()
    {
        if (Length is < 16 or > 1024)
            return $"a generated value has 16 to 1024 characters, got {Length}";
        if (Alphabet.Length is < 2 or > 128)
            return $"an alphabet has 2 to 128 characters, got {Alphabet.Length}";
        if (Alphabet.Any(c => c is < ' ' or > '~'))
            return "an alphabet holds only printable ASCII characters";
        return Alphabet.Distinct().Count() == Alphabet.Length ? null : "an alphabet holds each character only once";
    }

    /// <summary>A fresh value: every character of the alphabet is equally likely at every place.</summary>
    public SecretBytes Generate()
    {
        var value = new SecretBytes(Length);
        RandomNumberGenerator.GetItems<byte>(Encoding.ASCII.GetBytes(Alphabet), value.Span);
        return value;
    }
}
