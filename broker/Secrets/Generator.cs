using System.Security.Cryptography;
using System.Text;
using SidecarAgent.Broker.Crypto;

namespace SidecarAgent.Broker.Secrets;

/// <summary>How the broker makes a value, so that nobody needs to know it.</summary>
/// <param name="Length">
/// Of a text: characters, 16 to 1024. Hexadecimal and base64: random bytes, 16 to 1024. RSA: bits, 2048, 3072 or 4096.
/// Of what has one length only: 0.
/// </param>
/// <param name="Alphabet">Of a text: what to choose from, 2 to 128 different printable ASCII characters. Else empty.</param>
internal sealed record Generator(int Length, string Alphabet)
{
    public const int DefaultLength = 32;
    public const int DefaultRsaBits = 3072;
    public const string DefaultAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private const int MostRules = 8;

    public GeneratorKind Kind { get; init; }

    /// <summary>What a text must hold besides. At most 8 rules.</summary>
    public IReadOnlyList<AtLeast> AtLeast { get; init; } = [];

    /// <summary>It makes two keys that belong together: the private one is the value, the public one is no secret.</summary>
    public bool MakesKeyPair => Kind >= GeneratorKind.Rsa;

    /// <param name="kind">What to make.</param>
    /// <param name="length">0: as usual for the kind.</param>
    /// <param name="alphabet">Empty: letters and digits, where the kind has an alphabet.</param>
    /// <param name="atLeast">What a text must hold besides.</param>
    public static Generator Of(GeneratorKind kind, int length, string alphabet, IReadOnlyList<AtLeast> atLeast) => new(
        length != 0 ? length : kind switch
        {
            GeneratorKind.Text or GeneratorKind.Hex or GeneratorKind.Base64 => DefaultLength,
            GeneratorKind.Rsa => DefaultRsaBits,
            _ => 0,
        },
        alphabet.Length == 0 && kind == GeneratorKind.Text ? DefaultAlphabet : alphabet)
    {
        Kind = kind,
        AtLeast = atLeast,
    };

    /// <summary>What is wrong with it and what was expected; null: nothing.</summary>
    public string? Problem() => Kind switch
    {
        GeneratorKind.Text => ProblemOfText() ?? ProblemOfRules(),
        _ when Alphabet.Length > 0 || AtLeast.Count > 0 => "only a text has an alphabet and rules",
        GeneratorKind.Hex or GeneratorKind.Base64 when Length is < 16 or > 1024 => $"hex and base64 are made of 16 to 1024 random bytes, got {Length}",
        GeneratorKind.Rsa when Length is not (2048 or 3072 or 4096) => $"an RSA key has 2048, 3072 or 4096 bits, got {Length}",
        GeneratorKind.Hex or GeneratorKind.Base64 or GeneratorKind.Rsa => null,
        GeneratorKind.Uuid or GeneratorKind.EcdsaP256 or GeneratorKind.EcdsaP384 or GeneratorKind.Ed25519 =>
            Length == 0 ? null : "UUIDs, ECDSA and Ed25519 keys have one length only, so none is given",
        _ => "there is no such kind of generator",
    };

    /// <summary>A fresh value.</summary>
    public Generated Generate() => Kind switch
    {
        GeneratorKind.Hex => new Generated(Random(bytes => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes)))),
        GeneratorKind.Base64 => new Generated(Random(bytes => Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes)))),
        GeneratorKind.Uuid => new Generated(SecretBytes.CopyOf(Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("D")))),
        GeneratorKind.Text => new Generated(Text()),
        _ => KeyPair.Generate(Kind, Length),
    };

    /// <summary>
    /// Every character of the alphabet is equally likely at every place; where there are rules, what they ask for is
    /// chosen first, and the places are drawn.
    /// </summary>
    private SecretBytes Text()
    {
        var value = new SecretBytes(Length);
        var rest = value.Span;
        foreach (var (count, characters) in AtLeast)
        {
            RandomNumberGenerator.GetItems(Encoding.ASCII.GetBytes(characters), rest[..count]);
            rest = rest[count..];
        }

        RandomNumberGenerator.GetItems(Encoding.ASCII.GetBytes(Alphabet), rest);
        if (AtLeast.Count > 0)
            RandomNumberGenerator.Shuffle(value.Span);
        return value;
    }

    private SecretBytes Random(Func<byte[], byte[]> write)
    {
        var bytes = RandomNumberGenerator.GetBytes(Length);
        var written = write(bytes);
        var value = SecretBytes.CopyOf(written);
        CryptographicOperations.ZeroMemory(bytes);
        CryptographicOperations.ZeroMemory(written);
        return value;
    }

    private string? ProblemOfText()
    {
        if (Length is < 16 or > 1024)
            return $"a generated value has 16 to 1024 characters, got {Length}";
        if (Alphabet.Length is < 2 or > 128)
            return $"an alphabet has 2 to 128 characters, got {Alphabet.Length}";
        if (Alphabet.Any(c => c is < ' ' or > '~'))
            return "an alphabet holds only printable ASCII characters";
        return Alphabet.Distinct().Count() == Alphabet.Length ? null : "an alphabet holds each character only once";
    }

    private string? ProblemOfRules()
    {
        if (AtLeast.Count > MostRules)
            return $"a text has at most {MostRules} rules, got {AtLeast.Count}";
        if (AtLeast.Any(rule => rule.Count is < 1 or > 1024 || rule.Characters.Length == 0 || rule.Characters.Except(Alphabet).Any()))
            return "a rule asks for one character or more, all of which the alphabet holds";
        var asked = AtLeast.Sum(rule => rule.Count);
        return asked <= Length ? null : $"the rules ask for {asked} characters, and the text has {Length}";
    }

    /// <summary>A list is equal to another that holds the same.</summary>
    public bool Equals(Generator? other) =>
        other is not null && Length == other.Length && Alphabet == other.Alphabet && Kind == other.Kind && AtLeast.SequenceEqual(other.AtLeast);

    public override int GetHashCode() => HashCode.Combine(Length, Alphabet, Kind, AtLeast.Count);
}
