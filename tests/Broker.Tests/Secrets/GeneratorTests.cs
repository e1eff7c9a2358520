using System.Text;
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

        using var value = generator.Generate();
        var text = Encoding.ASCII.GetString(value.Span);

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
            foreach (var b in value.Span)
                counts[b] = counts.GetValueOrDefault(b) + 1;
        }

        // 204,800 expected of each; the standard deviation is 370, so 6 of them is never met by chance.
        Assert.All(counts.Values, count => Assert.InRange(count, 204_800 - 2_220, 204_800 + 2_220));
    }

    [Fact]
    public void No_two_values_are_equal()
    {
        var generator = new Generator(Generator.DefaultLength, Generator.DefaultAlphabet);
        using var one = generator.Generate();
        using var two = generator.Generate();

        Assert.NotEqual(one.Memory.ToArray(), two.Memory.ToArray());
    }
}
