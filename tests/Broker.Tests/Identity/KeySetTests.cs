using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Identity;

public sealed class KeySetTests : IDisposable
{
    private readonly SigningKey _good = SigningKey.Es256("good");

    public void Dispose() => _good.Dispose();

    [Fact]
    public void Keys_are_found_by_their_exact_names()
    {
        using var rsa = SigningKey.Rs256("rsa");
        var keys = Parse(_good.PublicJwk(), rsa.PublicJwk());

        Assert.True(keys.TryGet("good", out var ecdsa));
        Assert.Equal(["ES256"], ecdsa.Algorithms);
        Assert.True(keys.TryGet("rsa", out var found));
        Assert.Equal(["RS256"], found.Algorithms);
        Assert.False(keys.TryGet("Good", out _));
        Assert.False(keys.TryGet("", out _));
    }

    [Fact]
    public void A_key_that_names_no_algorithm_may_be_used_with_all_that_fit_it()
    {
        using var rsa = SigningKey.Rs256("rsa");

        Assert.True(Parse(Changed(rsa.PublicJwk(), "alg", null)).TryGet("rsa", out var key));
        Assert.Equal(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"], key.Algorithms);
    }

    [Theory]
    [InlineData("kty", "oct")]
    [InlineData("kty", "OKP")]
    [InlineData("kty", null)]
    [InlineData("kid", null)]
    [InlineData("kid", "")]
    [InlineData("use", "enc")]
    [InlineData("alg", "ES384")]
    [InlineData("alg", "HS256")]
    [InlineData("alg", "none")]
    [InlineData("crv", "P-384x")]
    [InlineData("crv", "secp256k1")]
    [InlineData("x", null)]
    [InlineData("y", "!!!")]
    public void A_key_that_cannot_be_used_is_left_out(string member, string? value)
    {
        using var other = SigningKey.Es256("other");

        var keys = Parse(Changed(other.PublicJwk(), member, value), _good.PublicJwk());

        Assert.False(keys.TryGet("other", out _));
        Assert.True(keys.TryGet("good", out _));
    }

    [Fact]
    public void A_symmetric_key_is_left_out_even_under_an_asymmetric_key_s_algorithm()
    {
        var symmetric = new JsonObject { ["kty"] = "oct", ["kid"] = "s", ["alg"] = "RS256", ["k"] = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0" };

        Assert.False(Parse(symmetric, _good.PublicJwk()).TryGet("s", out _));
    }

    [Fact]
    public void A_weak_RSA_key_is_left_out()
    {
        using var weak = RSA.Create(1024);
        var parameters = weak.ExportParameters(false);
        var jwk = new JsonObject
        {
            ["kty"] = "RSA",
            ["kid"] = "weak",
            ["n"] = Base64Url.EncodeToString(parameters.Modulus),
            ["e"] = Base64Url.EncodeToString(parameters.Exponent),
        };
        var padded = (JsonObject)jwk.DeepClone();
        padded["n"] = Base64Url.EncodeToString([.. new byte[128], .. parameters.Modulus!]);

        Assert.False(Parse(jwk, _good.PublicJwk()).TryGet("weak", out _));
        Assert.False(Parse(padded, _good.PublicJwk()).TryGet("weak", out _));
    }

    [Fact]
    public void Of_two_keys_of_one_name_the_first_counts()
    {
        using var second = SigningKey.Rs256("good");

        Assert.True(Parse(_good.PublicJwk(), second.PublicJwk()).TryGet("good", out var key));
        Assert.Equal(["ES256"], key.Algorithms);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"keys\":[]}")]
    [InlineData("{\"keys\":{}}")]
    [InlineData("{\"keys\":[5]}")]
    [InlineData("{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}")]
    [InlineData("<html></html>")]
    public void What_holds_no_key_is_refused(string text) =>
        Assert.Throws<KeysUnavailableException>(() => KeySet.Parse(text));

    private static JsonObject Changed(JsonObject jwk, string member, string? value)
    {
        jwk.Remove(member);
        if (value is not null)
            jwk[member] = value;
        return jwk;
    }

    private static KeySet Parse(params JsonNode[] keys) =>
        KeySet.Parse(new JsonObject { ["keys"] = new JsonArray(keys) }.ToJsonString());
}
