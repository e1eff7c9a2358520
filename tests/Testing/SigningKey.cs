using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace SidecarAgent.Testing;

/// <summary>A key that signs tokens: RSA 2048 (RS256) or ECDSA P-256 (ES256).</summary>
public sealed class SigningKey : IDisposable
{
    private readonly AsymmetricAlgorithm _key;

    private SigningKey(AsymmetricAlgorithm key, string algorithm, string keyId)
    {
        _key = key;
        Algorithm = algorithm;
        KeyId = keyId;
    }

    /// <summary>The name in a token's header, RS256 or ES256.</summary>
    public string Algorithm { get; }

    /// <summary>The <c>kid</c>.</summary>
    public string KeyId { get; }

    public static SigningKey Rs256(string? keyId = null) => new(RSA.Create(2048), "RS256", keyId ?? NewId());

    public static SigningKey Es256(string? keyId = null) =>
        new(ECDsa.Create(ECCurve.NamedCurves.nistP256), "ES256", keyId ?? NewId());

    /// <summary>The signature as JWS wants it (RFC 7515, appendix A).</summary>
    public byte[] Sign(byte[] input) => _key switch
    {
        RSA rsa => rsa.SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        ECDsa ecdsa => ecdsa.SignData(input, HashAlgorithmName.SHA256),
        _ => throw new InvalidOperationException(),
    };

    /// <summary>The public half in PEM, which an attacker may try as an HMAC key.</summary>
    public string PublicPem() => _key.ExportSubjectPublicKeyInfoPem();

    /// <summary>The public half as a JSON Web Key (RFC 7517).</summary>
    public JsonObject PublicJwk()
    {
        var jwk = new JsonObject { ["use"] = "sig", ["kid"] = KeyId, ["alg"] = Algorithm };
        if (_key is RSA rsa)
        {
            var parameters = rsa.ExportParameters(includePrivateParameters: false);
            jwk["kty"] = "RSA";
            jwk["n"] = Base64Url.EncodeToString(parameters.Modulus);
            jwk["e"] = Base64Url.EncodeToString(parameters.Exponent);
        }
        else
        {
            var parameters = ((ECDsa)_key).ExportParameters(includePrivateParameters: false);
            jwk["kty"] = "EC";
            jwk["crv"] = "P-256";
            jwk["x"] = Base64Url.EncodeToString(parameters.Q.X);
            jwk["y"] = Base64Url.EncodeToString(parameters.Q.Y);
        }

        return jwk;
    }

    public void Dispose() => _key.Dispose();

    private static string NewId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
}
