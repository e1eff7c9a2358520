using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;

namespace SidecarAgent.Testing;

/// <summary>Puts tokens together from any parts, also ones that no honest issuer would make.</summary>
public static class Jwt
{
    /// <summary>Signed by the key; the header is not touched.</summary>
    public static string Sign(JsonObject header, JsonObject payload, SigningKey key) =>
        Encode(header.ToJsonString(), payload.ToJsonString(), key.Sign);

    /// <summary>Any header text, payload text and signature (RFC 7515, compact serialization).</summary>
    /// <param name="header">Usually JSON.</param>
    /// <param name="payload">Usually JSON.</param>
    /// <param name="sign">Makes the signature of <c>header.payload</c>; it may be empty.</param>
    public static string Encode(string header, string payload, Func<byte[], byte[]> sign)
    {
        var input = $"{Part(header)}.{Part(payload)}";
        return $"{input}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(input)))}";
    }

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
