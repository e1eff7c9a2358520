using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Identity;

/// <summary>
/// What an attacker tries with a token, as one table: the attack, and the reason for which it is refused. Each begins with
/// a token that is good (which the first test proves), and changes one thing. TokenForgeryTests and TokenClaimsTests go
/// deeper into some; replay after the deletion of a pod is in TokenReviewTests.
/// </summary>
public sealed class AttackTableTests : AgainstOneIssuer
{
    private readonly SigningKey _foreign = SigningKey.Es256();

    public static TheoryData<string, string> Attacks => new()
    {
        { "alg none, without a signature", "Algorithm" },
        { "alg NONE, with the old signature", "Algorithm" },
        { "HS256 with the public key as the secret", "Algorithm" },
        { "RS256 claimed for an EC key", "Algorithm" },
        { "no alg at all", "Malformed" },
        { "a key of the attacker's, under its own kid", "UnknownKey" },
        { "a key of the attacker's, under the issuer's kid", "Signature" },
        { "kid is a path", "UnknownKey" },
        { "kid is SQL", "UnknownKey" },
        { "kid is missing", "UnknownKey" },
        { "jku names the attacker's key set", "Signature" },
        { "x5u names the attacker's certificate", "Signature" },
        { "jwk brings the attacker's key", "Signature" },
        { "x5c brings the attacker's certificate", "Signature" },
        { "crit asks for an extension", "Malformed" },
        { "another payload under the same signature", "Signature" },
        { "expired longer ago than the skew", "Expired" },
        { "not valid yet, beyond the skew", "NotYetValid" },
        { "no exp", "Claims" },
        { "exp as text", "Claims" },
        { "another audience", "Audience" },
        { "a list of other audiences", "Audience" },
        { "the audience with a suffix", "Audience" },
        { "the audience with a slash", "Audience" },
        { "no audience", "Claims" },
        { "another issuer", "UnknownIssuer" },
        { "the issuer with a slash", "UnknownIssuer" },
        { "a SPIFFE ID as the subject", "UnknownIssuer" },
        { "a malformed SPIFFE ID as the subject", "Claims" },
        { "sub twice", "Malformed" },
        { "sub twice, once escaped", "Malformed" },
        { "aud twice", "Malformed" },
        { "alg twice", "Malformed" },
        { "the subject of one account, the claims of another", "Claims" },
        { "a wildcard as the namespace", "Claims" },
        { "larger than is allowed", "Oversize" },
        { "an encrypted token of five parts", "Malformed" },
        { "nothing", "Missing" },
    };

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Refused(string attack, string reason) =>
        await RefusedAsync(Enum.Parse<TokenRejection>(reason), Token(attack));

    [Fact]
    public async Task What_every_attack_begins_with_is_accepted()
    {
        await AcceptedAsync(_issuer.Token());
        await AcceptedAsync(Jwt.Sign(_issuer.Header(), _issuer.Payload(), _issuer.Key));
        // Headers that an attack needs do no harm where the signature is good.
        await AcceptedAsync(Jwt.Sign(Header("jku", "https://evil.example/jwks"), _issuer.Payload(), _issuer.Key));
        // The bounds of the skew, from inside.
        await AcceptedAsync(Payload("exp", Now.AddSeconds(-29).ToUnixTimeSeconds()));
        await AcceptedAsync(Payload("nbf", Now.AddSeconds(30).ToUnixTimeSeconds()));
        await AcceptedAsync(Payload("aud", new JsonArray("other", "sidecar-broker")));
    }

    private string Token(string attack) => attack switch
    {
        "alg none, without a signature" => Jwt.Encode(Header("alg", "none").ToJsonString(), Body(), _ => []),
        "alg NONE, with the old signature" => Jwt.Sign(Header("alg", "NONE"), _issuer.Payload(), _issuer.Key),
        "HS256 with the public key as the secret" => Jwt.Encode(
            Header("alg", "HS256").ToJsonString(), Body(),
            input => HMACSHA256.HashData(Encoding.UTF8.GetBytes(_issuer.Key.PublicPem()), input)),
        "RS256 claimed for an EC key" => Jwt.Sign(Header("alg", "RS256"), _issuer.Payload(), _issuer.Key),
        "no alg at all" => Jwt.Sign(Header("alg", null), _issuer.Payload(), _issuer.Key),
        "a key of the attacker's, under its own kid" => Jwt.Sign(Header("kid", _foreign.KeyId), _issuer.Payload(), _foreign),
        "a key of the attacker's, under the issuer's kid" => Jwt.Sign(_issuer.Header(), _issuer.Payload(), _foreign),
        "kid is a path" => Jwt.Sign(Header("kid", "../../../dev/null"), _issuer.Payload(), _foreign),
        "kid is SQL" => Jwt.Sign(Header("kid", "x' UNION SELECT 'key'; --"), _issuer.Payload(), _foreign),
        "kid is missing" => Jwt.Sign(Header("kid", null), _issuer.Payload(), _issuer.Key),
        "jku names the attacker's key set" => Jwt.Sign(Header("jku", "https://evil.example/jwks"), _issuer.Payload(), _foreign),
        "x5u names the attacker's certificate" => Jwt.Sign(Header("x5u", "https://evil.example/c.pem"), _issuer.Payload(), _foreign),
        "jwk brings the attacker's key" => Jwt.Sign(Header("jwk", _foreign.PublicJwk()), _issuer.Payload(), _foreign),
        "x5c brings the attacker's certificate" => Jwt.Sign(Header("x5c", new JsonArray("MIIB")), _issuer.Payload(), _foreign),
        "crit asks for an extension" => Jwt.Sign(Header("crit", new JsonArray("exp")), _issuer.Payload(), _issuer.Key),
        "another payload under the same signature" => Spliced(),
        "expired longer ago than the skew" => Payload("exp", Now.AddSeconds(-30).ToUnixTimeSeconds()),
        "not valid yet, beyond the skew" => Payload("nbf", Now.AddSeconds(31).ToUnixTimeSeconds()),
        "no exp" => Payload("exp", null),
        "exp as text" => Payload("exp", "4102444800"),
        "another audience" => Payload("aud", "vault"),
        "a list of other audiences" => Payload("aud", new JsonArray("vault", "kubernetes")),
        "the audience with a suffix" => Payload("aud", "sidecar-broker.evil.example"),
        "the audience with a slash" => Payload("aud", "sidecar-broker/"),
        "no audience" => Payload("aud", null),
        "another issuer" => Payload("iss", "https://evil.example"),
        "the issuer with a slash" => Payload("iss", _issuer.Issuer + "/"),
        "a SPIFFE ID as the subject" => Payload("sub", "spiffe://prod.example/ns/shop/sa/orders"),
        "a malformed SPIFFE ID as the subject" => Payload("sub", "spiffe://prod.example/../admin"),
        "sub twice" => Twice("\"sub\":\"system:serviceaccount:payments:admin\""),
        "sub twice, once escaped" => Twice("\"\\u0073ub\":\"system:serviceaccount:payments:admin\""),
        "aud twice" => Twice("\"aud\":\"vault\""),
        "alg twice" => Jwt.Encode($"{_issuer.Header().ToJsonString()[..^1]},\"alg\":\"none\"}}", Body(), _issuer.Key.Sign),
        "the subject of one account, the claims of another" => Payload("sub", "system:serviceaccount:payments:admin"),
        "a wildcard as the namespace" => _issuer.Token("*", "orders"),
        "larger than is allowed" => Payload("x", new string('x', 13_000)),
        "an encrypted token of five parts" => "eyJhbGciOiJkaXIifQ.a.b.c.d",
        "nothing" => "",
        _ => throw new InvalidOperationException($"How is that done: {attack}?"),
    };

    private JsonObject Header(string name, JsonNode? value) => With(_issuer.Header(), name, value);

    private string Payload(string name, JsonNode? value) =>
        Jwt.Sign(_issuer.Header(), With(_issuer.Payload(), name, value), _issuer.Key);

    private string Body() => _issuer.Payload().ToJsonString();

    private string Twice(string member) =>
        Jwt.Encode(_issuer.Header().ToJsonString(), $"{Body()[..^1]},{member}}}", _issuer.Key.Sign);

    private string Spliced()
    {
        var mine = _issuer.Token().Split('.');
        var other = _issuer.Token("payments", "admin").Split('.');
        return $"{mine[0]}.{other[1]}.{mine[2]}";
    }

    private static JsonObject With(JsonObject json, string name, JsonNode? value)
    {
        json.Remove(name);
        if (value is not null)
            json[name] = value;
        return json;
    }
}
