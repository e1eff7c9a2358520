using System.Text;

namespace SidecarAgent.Webhook.Vault;

/// <summary>Whether the annotations of Vault's agent injector are understood, and where Vault's secrets are now.</summary>
/// <param name="Enabled">Off by default.</param>
/// <param name="Paths">What Vault's paths begin with, and what ours begin with instead, such as <c>secret/data/</c> and <c>kv/</c>.</param>
internal sealed record VaultSettings(bool Enabled, IReadOnlyDictionary<string, string> Paths)
{
    /// <summary>What may stand before the name of a function in a template.</summary>
    private const string BeforeFunctions = " \t\n({|-=";

    public static VaultSettings Off { get; } = new(false, new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>Where a secret of Vault is now: the longest beginning that is known is replaced.</summary>
    public string Map(string path)
    {
        var trimmed = path.TrimStart('/');
        var beginning = Paths.Keys.Where(known => trimmed.StartsWith(known, StringComparison.Ordinal)).MaxBy(known => known.Length);
        return beginning is null ? trimmed : Paths[beginning] + trimmed[beginning.Length..];
    }

    /// <summary>A template whose <c>secret "path"</c> and <c>pkiCert "path"</c> name the secrets where they are now.</summary>
    public string MapTemplate(string template)
    {
        var mapped = new StringBuilder(template.Length);
        var at = 0;
        while (at < template.Length)
        {
            var quote = template.AsSpan(at).IndexOfAny('"', '`');
            var end = quote < 0 ? -1 : template.IndexOf(template[at + quote], at + quote + 1);
            if (end < 0)
                break;
            var start = at + quote + 1;
            mapped.Append(template, at, quote + 1);
            mapped.Append(IsPath(template.AsSpan(0, start - 1)) ? Map(template[start..end]) : template[start..end]);
            mapped.Append(template[end]);
            at = end + 1;
        }

        return mapped.Append(template, at, template.Length - at).ToString();
    }

    /// <summary>Whether what stands before a string is the name of a function that takes a path.</summary>
    private static bool IsPath(ReadOnlySpan<char> before)
    {
        var word = before.TrimEnd();
        if (word.Length == before.Length)
            return false;
        foreach (var function in new[] { "secret", "pkiCert" })
        {
            if (word.EndsWith(function, StringComparison.Ordinal)
                && (word.Length == function.Length || BeforeFunctions.Contains(word[^(function.Length + 1)], StringComparison.Ordinal)))
                return true;
        }

        return false;
    }
}
