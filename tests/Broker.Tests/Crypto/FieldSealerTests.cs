using System.Security.Cryptography;
using SidecarAgent.Broker.Crypto;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Tests.Crypto;

public sealed class FieldSealerTests
{
    private static readonly FieldAddress Home = new(SecretPath.Parse("kv/shop/db"), 3, "password", FieldClass.Secret);

    private readonly FieldSealer _sealer = new(new FileKeyWrapper(RandomNumberGenerator.GetBytes(32)));

    public static TheoryData<string, string, ulong, string, bool> OtherPlaces => new()
    {
        { "another path", "kv/shop/other", 3, "password", true },
        { "another version", "kv/shop/db", 4, "password", true },
        { "another field", "kv/shop/db", 3, "user", true },
        { "another class", "kv/shop/db", 3, "password", false },
    };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65536)]
    public async Task What_was_sealed_can_be_opened(int length)
    {
        var value = RandomNumberGenerator.GetBytes(length);

        var box = await _sealer.SealAsync(Home, value, CancellationToken.None);
        using var opened = await _sealer.OpenAsync(Home, box, CancellationToken.None);

        Assert.Equal(value, opened.Memory.ToArray());
    }

    [Theory]
    [MemberData(nameof(OtherPlaces))]
    public async Task A_sealed_field_opens_nowhere_but_where_it_belongs(
        string what, string path, ulong version, string field, bool secret)
    {
        var elsewhere = new FieldAddress(
            SecretPath.Parse(path), version, field, secret ? FieldClass.Secret : FieldClass.Identifier);
        var box = await _sealer.SealAsync(Home, "hunter2"u8.ToArray(), CancellationToken.None);

        var failure = await Record.ExceptionAsync(async () => await _sealer.OpenAsync(elsewhere, box, CancellationToken.None));

        Assert.True(failure is AuthenticationTagMismatchException, $"moved to {what}");
    }

    [Fact]
    public async Task A_change_of_any_byte_is_noticed()
    {
        var box = await _sealer.SealAsync(Home, "hunter2"u8.ToArray(), CancellationToken.None);

        for (var i = 0; i < box.Box.Length; i++)
        {
            var altered = box with { Box = [.. box.Box] };
            altered.Box[i] ^= 1;
            await Assert.ThrowsAnyAsync<CryptographicException>(
                async () => await _sealer.OpenAsync(Home, altered, CancellationToken.None));
        }
    }

    [Fact]
    public async Task Equal_values_look_different_when_sealed_and_have_keys_of_their_own()
    {
        var one = await _sealer.SealAsync(Home, "hunter2"u8.ToArray(), CancellationToken.None);
        var two = await _sealer.SealAsync(Home, "hunter2"u8.ToArray(), CancellationToken.None);

        Assert.NotEqual(one.Box, two.Box);
        var swapped = one with { Key = two.Key };
        await Assert.ThrowsAnyAsync<CryptographicException>(
            async () => await _sealer.OpenAsync(Home, swapped, CancellationToken.None));
    }

    [Fact]
    public async Task A_value_is_not_found_in_what_is_stored()
    {
        var box = await _sealer.SealAsync(Home, "hunter2"u8.ToArray(), CancellationToken.None);

        Assert.Equal(-1, box.Box.AsSpan().IndexOf("hunter2"u8));
    }

    [Fact]
    public async Task Another_key_opens_nothing_and_says_which_it_would_need()
    {
        var box = await _sealer.SealAsync(Home, "hunter2"u8.ToArray(), CancellationToken.None);
        var other = new FieldSealer(new FileKeyWrapper(RandomNumberGenerator.GetBytes(32)));

        var failure = await Assert.ThrowsAsync<CryptographicException>(
            async () => await other.OpenAsync(Home, box, CancellationToken.None));

        Assert.Contains(box.Key.KeyId, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Addresses_that_read_the_same_when_joined_are_told_apart()
    {
        var one = new FieldAddress(SecretPath.Parse("kv/a"), 1, "bc", FieldClass.Secret);
        var two = new FieldAddress(SecretPath.Parse("kv/ab"), 1, "c", FieldClass.Secret);

        Assert.NotEqual(one.AdditionalData(1), two.AdditionalData(1));
        Assert.NotEqual(one.AdditionalData(1), one.AdditionalData(2));
    }
}
