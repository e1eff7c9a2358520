using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SidecarAgent.Ctl.Development;

/// <summary>
/// Stands in for a cluster's API server where there is none: signs workload tokens with a key of its own. A directory
/// holds the key (<c>issuer.key</c>) and the public half as the JWKS (<c>jwks.json</c>) that the broker is pointed at.
/// </summary>
internal sealed class DevelopmentIssuer : IDisposable
{
    private const int KeyBits = 2048;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly RSA _key;
    private readonly string _keyId;

    private DevelopmentIssuer(RSA key, string jwksFile)
    {
        _key = key;
        JwksFile = jwksFile;

        // The name that Kubernetes would give the key: the hash of its public half.
        _keyId = Base64Url.EncodeToString(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
    }

    public string JwksFile { get; }

    /// <summary>Makes the directory, the key and the JWKS where they are missing.</summary>
    /// <exception cref="CommandFailedException">What is there cannot be used.</exception>
    public static DevelopmentIssuer Open(string directory)
    {
        Directory.CreateDirectory(directory);
        var key = RSA.Create(KeyBits);
        try
        {
            PrivateKeyFile.LoadOrCreate(Path.Combine(directory, "issuer.key"), key);
            var issuer = new DevelopmentIssuer(key, Path.Combine(directory, "jwks.json"));
            issuer.WriteJwks();
            return issuer;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>A JWT in compact form (RFC 7515), RS256, with the header that Kubernetes writes.</summary>
    public string Sign(JsonObject claims)
    {
        var header = new JsonObject { ["alg"] = "RS256", ["kid"] = _keyId };
        var signed = $"{Encode(header)}.{Encode(claims)}";
        var signature = _key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    public void Dispose() => _key.Dispose();

    /// <summary>Only where it differs: a broker that watches the file need not look at each token.</summary>
    private void WriteJwks()
    {
        var parameters = _key.ExportParameters(includePrivateParameters: false);
        var text = new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["use"] = "sig",
                ["kty"] = "RSA",
                ["kid"] = _keyId,
                ["alg"] = "RS256",
                ["n"] = Base64Url.EncodeToString(parameters.Modulus),
                ["e"] = Base64Url.EncodeToString(parameters.Exponent),
            }),
        }.ToJsonString(Indented) + "\n";
        if (!File.Exists(JwksFile) || File.ReadAllText(JwksFile) != text)
            AtomicFile.Replace(JwksFile, text, AtomicFile.Public);
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
}
