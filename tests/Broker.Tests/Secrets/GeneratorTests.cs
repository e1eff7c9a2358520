using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Tests.Secrets;

public sealed class GeneratorTests
{
    [Theory]
    [InlineData(15, "ab", "16 to 1024")]
    [InlineData(1025, "ab", "16 to 1024")]
    [InlineData(16, "a", "2 to 128")]
    [InlineData(16, "aa", "only once")]
    [InlineData(16, "a\n", "printable")]
    [InlineData(16, "aé", "printable")]
    public void A_bad_generator_is_refused_with_what_is_expected(int length, string alphabet, string expected) =>
        Assert.Contains(expected, new Generator(length, alphabet).Problem(), StringComparison.Ordinal);

    [Theory]
    [InlineData(16, "ab")]
    [InlineData(1024, Generator.DefaultAlphabet)]
    public void A_value_has_the_length_and_only_characters_of_the_alphabet(int length, string alphabet)
    {
        var generator = new Generator(length, alphabet);
        Assert.Null(generator.Problem());

        using var made = generator.Generate();
        var text = Encoding.ASCII.GetString(made.Value.Span);

        Assert.Equal(length, text.Length);
        Assert.All(text, c => Assert.Contains(c, alphabet));
    }

    [Fact]
    public void Every_character_is_about_equally_likely()
    {
        // 3 does not divide 256: a generator that takes bytes modulo 3 would favour the first character by 1.2 %.
        var generator = new Generator(1024, "abc");
        var counts = new Dictionary<byte, int>();
        for (var i = 0; i < 600; i++)
        {
            using var value = generator.Generate();
            foreach (var b in value.Value.Span)
                counts[b] = counts.GetValueOrDefault(b) + 1;
        }

        // 204,800 expected of each; the standard deviation is 370, so 6 of them is never met by chance.
        Assert.All(counts.Values, count => Assert.InRange(count, 204_800 - 2_220, 204_800 + 2_220));
    }

    [Fact]
    public void A_text_keeps_its_rules_at_any_place()
    {
        var generator = Generator.Of(GeneratorKind.Text, 16, "abc0123456789!", [new AtLeast(2, "!"), new AtLeast(3, "0123456789")]);
        Assert.Null(generator.Problem());
        var firsts = new HashSet<char>();
        for (var i = 0; i < 500; i++)
        {
            using var made = generator.Generate();
            var text = Encoding.ASCII.GetString(made.Value.Span);
            Assert.Equal(16, text.Length);
            Assert.True(text.Count(c => c == '!') >= 2 && text.Count(char.IsAsciiDigit) >= 3, text);
            firsts.Add(text[0]);
        }

        Assert.True(firsts.Count > 5);
    }

    [Theory]
    [InlineData(17, "0", "ask for 17")]
    [InlineData(1, "x", "alphabet holds")]
    [InlineData(1, "", "alphabet holds")]
    [InlineData(0, "0", "alphabet holds")]
    public void A_rule_that_cannot_be_kept_is_refused(int count, string characters, string expected) => Assert.Contains(
        expected, Generator.Of(GeneratorKind.Text, 16, "012", [new AtLeast(count, characters)]).Problem(), StringComparison.Ordinal);

    [Theory]
    [InlineData((int)GeneratorKind.Hex, 0, "^[0-9a-f]{64}$")]
    [InlineData((int)GeneratorKind.Hex, 16, "^[0-9a-f]{32}$")]
    [InlineData((int)GeneratorKind.Base64, 0, "^[A-Za-z0-9+/]{43}=$")]
    [InlineData((int)GeneratorKind.Uuid, 0, "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]
    public void Other_values_have_their_form(int kind, int length, string form)
    {
        var generator = Generator.Of((GeneratorKind)kind, length, "", []);
        Assert.Null(generator.Problem());
        using var one = generator.Generate();
        using var two = generator.Generate();

        Assert.Matches(form, Encoding.ASCII.GetString(one.Value.Span));
        Assert.NotEqual(one.Value.Memory.ToArray(), two.Value.Memory.ToArray());
        Assert.Null(one.PublicKey);
    }

    [Theory]
    [InlineData((int)GeneratorKind.Hex, 15, "")]
    [InlineData((int)GeneratorKind.Base64, 1025, "")]
    [InlineData((int)GeneratorKind.Uuid, 16, "")]
    [InlineData((int)GeneratorKind.Rsa, 1024, "")]
    [InlineData((int)GeneratorKind.EcdsaP256, 256, "")]
    [InlineData((int)GeneratorKind.Ed25519, 0, "abc")]
    [InlineData(99, 0, "")]
    public void What_a_kind_has_not_is_refused(int kind, int length, string alphabet) =>
        Assert.NotNull(Generator.Of((GeneratorKind)kind, length, alphabet, []).Problem());

    [Fact]
    public void Keys_of_a_pair_belong_together()
    {
        using var ecdsaPair = Generator.Of(GeneratorKind.EcdsaP256, 0, "", []).Generate();
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportFromPem(Encoding.ASCII.GetString(ecdsaPair.Value.Span));
        Assert.Equal(ecdsaPair.PublicKey, Encoding.ASCII.GetBytes(ecdsa.ExportSubjectPublicKeyInfoPem() + "\n"));
        Assert.Equal(256, ecdsa.KeySize);

        using var rsaPair = Generator.Of(GeneratorKind.Rsa, 2048, "", []).Generate();
        using var rsa = RSA.Create();
        rsa.ImportFromPem(Encoding.ASCII.GetString(rsaPair.Value.Span));
        Assert.Equal(rsaPair.PublicKey, Encoding.ASCII.GetBytes(rsa.ExportSubjectPublicKeyInfoPem() + "\n"));
        Assert.Equal(2048, rsa.KeySize);
    }

    [Fact]
    public void An_Ed25519_pair_is_read_by_others_and_signs()
    {
        using var pair = Generator.Of(GeneratorKind.Ed25519, 0, "", []).Generate();
        var privateKey = PrivateKeyFactory.CreateKey(Der(pair.Value.Span));
        var publicKey = PublicKeyFactory.CreateKey(Der(pair.PublicKey));
        var signer = new Ed25519Signer();
        signer.Init(true, privateKey);
        signer.BlockUpdate("text"u8);
        var signature = signer.GenerateSignature();

        signer.Init(false, publicKey);
        signer.BlockUpdate("text"u8);
        Assert.True(signer.VerifySignature(signature));
    }

    private static byte[] Der(ReadOnlySpan<byte> pem)
    {
        var text = Encoding.ASCII.GetString(pem);
        return Convert.FromBase64String(text[PemEncoding.Find(text).Base64Data]);
    }

    [Fact]
    public void No_two_values_are_equal()
    {
        var generator = new Generator(Generator.DefaultLength, Generator.DefaultAlphabet);
        using var one = generator.Generate();
        using var two = generator.Generate();

        Assert.NotEqual(one.Value.Memory.ToArray(), two.Value.Memory.ToArray());
    }
}
