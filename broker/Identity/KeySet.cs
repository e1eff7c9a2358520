using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Microsoft.IdentityModel.Tokens;

namespace SidecarAgent.Broker.Identity;

/// <summary>The public keys that an issuer publishes (RFC 7517), by their <c>kid</c>.</summary>
internal sealed class KeySet
{
    private const int MaxKeys = 100;

    private readonly FrozenDictionary<string, PublishedKey> _keys;

    private KeySet(string text, FrozenDictionary<string, PublishedKey> keys)
    {
        Text = text;
        _keys = keys;
    }

    /// <summary>What it was made from.</summary>
    public string Text { get; }

    /// <param name="text">A JSON Web Key Set. Of its keys, those that can be used are taken.</param>
    /// <param name="spiffe">It is a SPIFFE bundle.</param>
    /// <exception cref="KeysUnavailableException">It is none, or no key can be used.</exception>
    public static KeySet Parse(string text, bool spiffe = false)
    {
        var keys = new Dictionary<string, PublishedKey>(StringComparer.Ordinal);
        foreach (var key in Read(text).Take(MaxKeys).Select(key => PublishedKey.From(key, spiffe)).OfType<PublishedKey>())
            keys.TryAdd(key.Key.KeyId, key);
        return keys.Count > 0
            ? new KeySet(text, keys.ToFrozenDictionary(StringComparer.Ordinal))
            : throw new KeysUnavailableException(
                "the key set has no key that can be used; expected RSA keys of at least 2048 bits or EC keys, with a 'kid'");
    }

    public bool TryGet(string keyId, [NotNullWhen(true)] out PublishedKey? key) => _keys.TryGetValue(keyId, out key);

    private static IList<JsonWebKey> Read(string text)
    {
        try
        {
            return new JsonWebKeySet(text).Keys;
        }
        catch (ArgumentException e)
        {
            throw new KeysUnavailableException("what was found is not a JSON Web Key Set", e);
        }
    }
}
