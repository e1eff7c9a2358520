using System.Buffers.Text;
using System.Text.Json;

namespace SidecarAgent.Broker.Identity;

/// <summary>
/// What a token says, before anything is known about who says it (RFC 7515, RFC 7519). Read strictly, so that two readers
/// cannot understand the same token differently: nothing is said twice, times are whole seconds, no extension is asked for.
/// </summary>
/// <param name="Algorithm"><c>alg</c>.</param>
/// <param name="KeyId"><c>kid</c>; <c>jku</c>, <c>x5u</c>, <c>jwk</c> and <c>x5c</c> are not looked at.</param>
/// <param name="Issuer"><c>iss</c>; may be empty in a JWT-SVID.</param>
/// <param name="Subject"><c>sub</c>.</param>
/// <param name="Audiences"><c>aud</c>.</param>
/// <param name="ExpiresAt"><c>exp</c>.</param>
/// <param name="NotBefore"><c>nbf</c>, or the beginning of time.</param>
/// <param name="Claims">All of the payload.</param>
internal sealed record ParsedToken(
    string Algorithm,
    string KeyId,
    string Issuer,
    string Subject,
    IReadOnlyList<string> Audiences,
    DateTimeOffset ExpiresAt,
    DateTimeOffset NotBefore,
    JsonElement Claims)
{
    private const long LastSecond = 253402300799;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <param name="token">Compact serialization.</param>
    /// <param name="rejection">Why there is no result.</param>
    public static ParsedToken? Parse(string token, out TokenResult.Rejected? rejection)
    {
        rejection = null;
        var parts = token.Split('.', 4);
        if (parts.Length != 3
            || ReadObject(parts[0]) is not { } header
            || ReadObject(parts[1]) is not { } payload
            || !IsBase64Url(parts[2]))
            rejection = Malformed("it is not a signed JSON Web Token; expected HEADER.PAYLOAD.SIGNATURE with nothing said twice");
        else if (header.TryGetProperty("crit", out _))
            rejection = Malformed("it asks for extensions ('crit'), which the broker does not know");
        else if (Text(header, "alg") is not { } algorithm)
            rejection = Malformed("its header does not say by which algorithm ('alg') it is signed");
        else if (Text(header, "kid") is not { } keyId)
            rejection = new(TokenRejection.UnknownKey, "the token does not say by which key ('kid') it is signed");
        else if (Text(payload, "sub") is not { } subject || (Text(payload, "iss") ?? Unissued(subject)) is not { } issuer)
            rejection = Lacking("it needs an issuer ('iss') and a subject ('sub')");
        else if (Texts(payload, "aud") is not { } audiences)
            rejection = Lacking("it needs an audience ('aud'), one or a list");
        else if (Time(payload, "exp") is not { } expires)
            rejection = Lacking("it needs an end ('exp'), in whole seconds");
        else if (Time(payload, "nbf", ifAbsent: DateTimeOffset.UnixEpoch) is not { } notBefore)
            rejection = Lacking("its beginning ('nbf') must be in whole seconds");
        else
            return new ParsedToken(algorithm, keyId, issuer, subject, audiences, expires, notBefore, payload);
        return null;
    }

    /// <summary>A claim that is text and not empty, or null.</summary>
    public static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: > 0 } text
            ? text
            : null;

    /// <summary>A JWT-SVID need not say its issuer: its subject names the trust domain.</summary>
    private static string? Unissued(string subject) => SpiffeId.IsClaimed(subject) ? "" : null;

    private static List<string>? Texts(JsonElement json, string name)
    {
        if (Text(json, name) is { } one)
            return [one];
        if (!json.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Array)
            return null;
        var items = list.EnumerateArray().ToList();
        return items.TrueForAll(item => item.ValueKind == JsonValueKind.String)
            ? items.ConvertAll(item => item.GetString()!)
            : null;
    }

    private static DateTimeOffset? Time(JsonElement json, string name, DateTimeOffset? ifAbsent = null)
    {
        if (!json.TryGetProperty(name, out var value))
            return ifAbsent;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds) && seconds is >= 0 and <= LastSecond
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
    }

    private static JsonElement? ReadObject(string part)
    {
        if (part.Length == 0 || !IsBase64Url(part))
            return null;
        try
        {
            var bytes = Base64Url.DecodeFromChars(part);
            RequireWholeCharacters(bytes);
            using var json = JsonDocument.Parse(bytes, Strict);
            return json.RootElement.ValueKind == JsonValueKind.Object ? json.RootElement.Clone() : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>
    /// An escape such as <c>\ud800</c> names half a character, which no text can hold. The parser leaves that to whoever
    /// reads the text first.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is one.</exception>
    private static void RequireWholeCharacters(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = Strict.MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                reader.GetString();
        }
    }

    /// <summary>No padding, no white space (RFC 7515, section 2).</summary>
    private static bool IsBase64Url(string part) => part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static TokenResult.Rejected Malformed(string problem) => new(TokenRejection.Malformed, $"the token is malformed: {problem}");

    private static TokenResult.Rejected Lacking(string problem) => new(TokenRejection.Claims, $"the token lacks a claim: {problem}");
}
