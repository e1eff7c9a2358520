using System.Text;
using System.Text.Json.Nodes;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Identity;

public sealed class TokenForgeryTests : AgainstOneIssuer
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task No_token_is_refused(string? token) => await RefusedAsync(TokenRejection.Missing, token);

    [Fact]
    public async Task A_token_over_the_limit_is_refused_with_its_size()
    {
        var message = await RefusedAsync(TokenRejection.Oversize, _issuer.Token(change: p => p["x"] = new string('x', 12_000)));
        Assert.Matches("the token has 1[67][0-9]{3} characters; at most 16384 are allowed", message);
        await RefusedAsync(TokenRejection.Oversize, new string('x', 16 * 1024 + 1));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.x.y")]
    [InlineData("Bearer e30.e30.x")]
    [InlineData("W10.W10.x")]
    [InlineData("bnVsbA.bnVsbA.x")]
    public async Task What_is_no_token_is_refused(string token) => await RefusedAsync(TokenRejection.Malformed, token);

    [Theory]
    [InlineData("""{"alg":"ES256","kid":"\ud800"}""", "{}")]
    [InlineData("""{"alg":"ES256","kid":"k","\ud800":1,"\udfff":2}""", "{}")]
    [InlineData("""{"alg":"ES256","kid":"k"}""", """{"iss":"\udc00","sub":"s"}""")]
    [InlineData("""{"alg":"ES256","kid":"k"}""", """{"iss":"i","sub":"s","aud":["\ud83d"]}""")]
    public async Task Text_of_half_a_character_is_refused(string header, string payload) =>
        await RefusedAsync(TokenRejection.Malformed, Jwt.Encode(header, payload, _ => [1]));

    [Fact]
    public async Task A_truncated_token_is_refused()
    {
        var token = _issuer.Token();
        for (var length = 1; length < token.Length; length += 7)
            Assert.IsType<TokenResult.Rejected>(await _verifier.VerifyAsync(token[..length], CancellationToken.None));
        await RefusedAsync(TokenRejection.Signature, token[..^2]);
    }

    [Fact]
    public async Task A_token_with_padding_spaces_or_line_breaks_is_refused()
    {
        var token = _issuer.Token();
        foreach (var altered in new[] { token + "=", token + "\n", " " + token, token.Replace(".", " .", StringComparison.Ordinal) })
            await RefusedAsync(TokenRejection.Malformed, altered);
    }

    [Fact]
    public async Task A_changed_payload_or_signature_is_refused()
    {
        var token = _issuer.Token("shop", "orders");
        var parts = token.Split('.');
        var other = _issuer.Token("payments", "admin").Split('.');

        await RefusedAsync(TokenRejection.Signature, $"{parts[0]}.{other[1]}.{parts[2]}");
        await RefusedAsync(TokenRejection.Signature, $"{parts[0]}.{parts[1]}.{other[2]}");
        await RefusedAsync(TokenRejection.Signature, $"{parts[0]}.{parts[1]}.");
        await RefusedAsync(TokenRejection.Signature, $"{parts[0]}.{parts[1]}.{new string('A', 86)}");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("HS256")]
    [InlineData("HS512")]
    [InlineData("RSA1_5")]
    [InlineData("EdDSA")]
    public async Task An_algorithm_that_is_not_allowed_is_refused_signed_or_not(string algorithm)
    {
        var header = _issuer.Header();
        header["alg"] = algorithm;
        var payload = _issuer.Payload().ToJsonString();

        await RefusedAsync(TokenRejection.Algorithm, Jwt.Encode(header.ToJsonString(), payload, _ => []));
        await RefusedAsync(TokenRejection.Algorithm, Jwt.Encode(header.ToJsonString(), payload, _issuer.Key.Sign));
    }

    [Fact]
    public async Task A_public_key_is_no_HMAC_key()
    {
        _issuer.RotateKey(SigningKey.Rs256());
        _issuer.WriteJwks(KeyFile);
        var header = _issuer.Header();
        header["alg"] = "HS256";
        foreach (var guess in new[] { _issuer.Key.PublicPem(), _issuer.Key.PublicPem() + "\n", _issuer.Jwks() })
        {
            var token = Jwt.Encode(
                header.ToJsonString(),
                _issuer.Payload().ToJsonString(),
                input => System.Security.Cryptography.HMACSHA256.HashData(Encoding.UTF8.GetBytes(guess), input));
            await RefusedAsync(TokenRejection.Algorithm, token);
        }
    }

    [Fact]
    public async Task An_allowed_algorithm_that_is_not_the_key_s_is_refused()
    {
        foreach (var algorithm in new[] { "RS256", "PS256", "ES384" })
        {
            var header = _issuer.Header();
            header["alg"] = algorithm;
            await RefusedAsync(TokenRejection.Algorithm, Jwt.Sign(header, _issuer.Payload(), _issuer.Key));
        }
    }

    [Fact]
    public async Task A_foreign_key_is_refused_under_its_own_name_and_under_a_known_one()
    {
        using var own = SigningKey.Es256();
        using var stolenName = SigningKey.Es256(_issuer.Key.KeyId);

        await RefusedAsync(
            TokenRejection.UnknownKey,
            Jwt.Sign(new JsonObject { ["alg"] = "ES256", ["kid"] = own.KeyId }, _issuer.Payload(), own));
        await RefusedAsync(TokenRejection.Signature, Jwt.Sign(_issuer.Header(), _issuer.Payload(), stolenName));
    }

    [Theory]
    [InlineData("../../../../dev/null")]
    [InlineData("/etc/passwd")]
    [InlineData("' OR '1'='1")]
    [InlineData("x'; DROP TABLE keys; --")]
    [InlineData("https://evil.example/jwks.json")]
    [InlineData("a\nlevel=info msg=\"verified\"")]
    public async Task The_name_of_a_key_is_only_ever_compared(string kid)
    {
        using var foreign = SigningKey.Es256();
        var header = new JsonObject { ["alg"] = "ES256", ["kid"] = kid };

        var message = await RefusedAsync(TokenRejection.UnknownKey, Jwt.Sign(header, _issuer.Payload(), foreign));

        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public async Task A_token_that_names_no_key_is_refused()
    {
        foreach (var kid in new JsonNode?[] { null, "", 5, new JsonArray(_issuer.Key.KeyId) })
        {
            var header = new JsonObject { ["alg"] = "ES256", ["kid"] = kid };
            await RefusedAsync(TokenRejection.UnknownKey, Jwt.Sign(header, _issuer.Payload(), _issuer.Key));
        }
    }

    [Fact]
    public async Task Keys_and_addresses_that_a_token_brings_along_are_not_looked_at()
    {
        using var foreign = SigningKey.Es256(_issuer.Key.KeyId);
        var header = _issuer.Header();
        header["jku"] = "https://127.0.0.1:1/jwks.json";
        header["x5u"] = "https://127.0.0.1:1/cert.pem";
        header["jwk"] = foreign.PublicJwk();
        header["x5c"] = new JsonArray("MIIB");

        await RefusedAsync(TokenRejection.Signature, Jwt.Sign(header, _issuer.Payload(), foreign));
        await AcceptedAsync(Jwt.Sign(header, _issuer.Payload(), _issuer.Key));
    }

    [Fact]
    public async Task A_critical_extension_is_refused()
    {
        var header = _issuer.Header();
        header["crit"] = new JsonArray("b64");
        header["b64"] = false;

        await RefusedAsync(TokenRejection.Malformed, Jwt.Sign(header, _issuer.Payload(), _issuer.Key));
    }

    [Fact]
    public async Task A_token_that_says_something_twice_is_refused()
    {
        var header = _issuer.Header().ToJsonString();
        var payload = _issuer.Payload().ToJsonString();
        string Twice(string json, string more) => $"{json[..^1]},{more}}}";

        foreach (var (h, p) in new[]
        {
            (Twice(header, "\"alg\":\"none\""), payload),
            (Twice(header, "\"kid\":\"x\""), payload),
            (header, Twice(payload, "\"sub\":\"system:serviceaccount:payments:admin\"")),
            (header, Twice(payload, "\"\\u0073ub\":\"system:serviceaccount:payments:admin\"")),
            (header, payload.Replace("\"namespace\":", "\"namespace\":\"payments\",\"namespace\":", StringComparison.Ordinal)),
        })
            await RefusedAsync(TokenRejection.Malformed, Jwt.Encode(h, p, _issuer.Key.Sign));
    }

    [Fact]
    public async Task Deeply_nested_and_broken_JSON_is_refused()
    {
        var header = _issuer.Header().ToJsonString();
        foreach (var payload in new[]
        {
            $"{{\"a\":{new string('[', 5000)}{new string(']', 5000)}}}", "{", "{}{}", "{\"a\":1,}", "// x\n{}", "\ufeff{}",
        })
            await RefusedAsync(TokenRejection.Malformed, Jwt.Encode(header, payload, _issuer.Key.Sign));
    }
}
