using Microsoft.IdentityModel.Tokens;

namespace SidecarAgent.Broker.Identity;

/// <summary>A public key of an issuer.</summary>
/// <param name="Key">Public numbers only.</param>
/// <param name="Algorithms">What it may be used with: fitting its type, its curve, and its <c>alg</c> if it has one.</param>
internal sealed record PublishedKey(SecurityKey Key, IReadOnlyList<string> Algorithms)
{
    /// <summary>RFC 7518, section 3.3.</summary>
    private const int MinRsaBits = 2048;

    /// <summary>Null if the key is symmetric, weak, nameless, damaged or not for signatures.</summary>
    /// <param name="published">As published.</param>
    /// <param name="spiffe">
    /// It is of a SPIFFE bundle, where only keys with the use <c>jwt-svid</c> sign tokens; the others sign certificates.
    /// </param>
    public static PublishedKey? From(JsonWebKey published, bool spiffe = false)
    {
        var signs = spiffe ? published.Use is "jwt-svid" : published.Use is null or "" or "sig";
        if (string.IsNullOrEmpty(published.Kid) || !signs)
            return null;

        // A copy of the public numbers: private numbers, certificates and addresses in a key set mean nothing here.
        var key = new JsonWebKey
        {
            Kid = published.Kid,
            Kty = published.Kty,
            N = published.N,
            E = published.E,
            Crv = published.Crv,
            X = published.X,
            Y = published.Y,
        };
        var algorithms = Fitting(key)
            .Where(name => string.IsNullOrEmpty(published.Alg) || name == published.Alg)
            .ToList();
        return algorithms.Count > 0 && IsUsable(key) ? new PublishedKey(key, algorithms) : null;
    }

    private static string[] Fitting(JsonWebKey key) => (key.Kty, key.Crv) switch
    {
        ("RSA", _) => ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
        ("EC", "P-256") => ["ES256"],
        ("EC", "P-384") => ["ES384"],
        ("EC", "P-521") => ["ES512"],
        _ => [],
    };

    private static bool IsUsable(JsonWebKey key)
    {
        try
        {
            return key.Kty == "RSA"
                ? Bits(key.N) >= MinRsaBits && Bits(key.E) > 1
                : Base64UrlEncoder.DecodeBytes(key.X).Length > 0 && Base64UrlEncoder.DecodeBytes(key.Y).Length > 0;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return false;
        }
    }

    private static int Bits(string number) => 8 * Base64UrlEncoder.DecodeBytes(number).AsSpan().TrimStart((byte)0).Length;
}
