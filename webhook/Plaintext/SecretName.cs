using System.Buffers;
using System.Globalization;

namespace SidecarAgent.Webhook.Plaintext;

/// <summary>Recognises names that people give to secrets: <c>DB_PASSWORD</c>, <c>--api-key</c>, <c>clientSecret</c>.</summary>
internal static class SecretName
{
    private static readonly string[] Single =
        ["password", "passwd", "pwd", "passphrase", "secret", "token", "apikey", "credential", "credentials", "privatekey", "accesskey", "pass"];

    private static readonly (string First, string Second)[] Pairs =
        [("api", "key"), ("private", "key"), ("access", "key"), ("secret", "key"), ("signing", "key"), ("encryption", "key"), ("master", "key")];

    /// <summary>A last word that makes it a matter of where or how, not what.</summary>
    private static readonly string[] About =
    [
        "file", "path", "dir", "directory", "name", "names", "url", "uri", "endpoint", "host", "port", "enabled", "disabled", "ttl", "length",
        "size", "expiry", "expiration", "timeout", "interval", "header", "algorithm", "alg", "type", "id", "policy", "count", "limit",
        "issuer", "audience", "prefix", "suffix", "mount", "ref", "version", "provider", "format", "hash", "required",
    ];

    /// <summary>One of them is in each name that is looked for. Most names have none, and need no second look.</summary>
    public static readonly IReadOnlyList<string> Hints = ["pass", "pwd", "secret", "token", "credential", "key"];

    private static readonly SearchValues<string> Telling = SearchValues.Create([.. Hints], StringComparison.OrdinalIgnoreCase);

    /// <summary>False if there is surely none in the text.</summary>
    public static bool MayBeIn(ReadOnlySpan<char> text) => text.ContainsAny(Telling);

    public static bool IsOfASecret(string name)
    {
        if (!MayBeIn(name))
            return false;
        var words = Words(name);
        // The one identifier that is a secret: the second half of an AppRole login.
        if (words is [.., "secret", "id"])
            return true;
        if (words.Count == 0 || About.Contains(words[^1]) || words[0] is "no" or "skip" or "without" or "disable")
            return false;
        return words.Exists(word => Single.Contains(word))
            || words.Zip(words.Skip(1)).Any(pair => Pairs.Contains((pair.First, pair.Second)));
    }

    /// <summary>The words of a name, whether separated by <c>_</c>, <c>-</c>, <c>.</c> or by capitals.</summary>
    private static List<string> Words(string name)
    {
        var words = new List<string>();
        var start = 0;
        for (var i = 0; i <= name.Length; i++)
        {
            var isEnd = i == name.Length || !char.IsAsciiLetterOrDigit(name[i]);
            var isCapital = !isEnd && i > start && char.IsAsciiLetterUpper(name[i]) && char.IsAsciiLetterLower(name[i - 1]);
            if (!isEnd && !isCapital)
                continue;
            if (i > start)
                words.Add(name[start..i].ToLower(CultureInfo.InvariantCulture));
            start = isEnd ? i + 1 : i;
        }

        return words;
    }
}
