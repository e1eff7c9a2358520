using System.Buffers;

namespace SidecarAgent.Webhook.Plaintext;

/// <summary>
/// Recognises secrets by what they look like. Each byte is looked at a fixed number of times, whatever the text: it comes
/// from whoever may create pods.
/// </summary>
internal static class SecretValue
{
    public const int MinRandomLength = 20;
    private const double MinRandomBits = 4.0;

    /// <summary>Of neighbours that are of different kinds (upper, lower, other): 0.6 in random text, 0.3 in names like ThisOne.</summary>
    private const double MinRandomChanges = 0.42;

    private static readonly SearchValues<char> Between = SearchValues.Create(" \t\r\n\"'`,;&|<>(){}[]=");
    private static readonly SearchValues<char> AfterAuthority = SearchValues.Create("/?# \t\r\n\"'");
    private static readonly SearchValues<char> Base64 =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-");

    /// <summary>What issuers put in front of their keys, and how long what follows is at least.</summary>
    private static readonly (string Prefix, int Follows, string What)[] Issued =
    [
        ("AKIA", 16, "an AWS access key"), ("ASIA", 16, "an AWS access key"), ("AIza", 35, "a Google API key"),
        ("ghp_", 30, "a GitHub token"), ("gho_", 30, "a GitHub token"), ("ghs_", 30, "a GitHub token"), ("ghu_", 30, "a GitHub token"),
        ("ghr_", 30, "a GitHub token"), ("github_pat_", 30, "a GitHub token"), ("glpat-", 20, "a GitLab token"),
        ("xoxb-", 20, "a Slack token"), ("xoxp-", 20, "a Slack token"), ("xoxa-", 20, "a Slack token"), ("xapp-", 20, "a Slack token"),
        ("sk_live_", 16, "a Stripe key"), ("rk_live_", 16, "a Stripe key"), ("SG.", 40, "a SendGrid key"), ("npm_", 30, "an npm token"),
        ("pypi-AgEI", 30, "a PyPI token"), ("hvs.", 20, "a Vault token"), ("hvb.", 20, "a Vault token"), ("dop_v1_", 40, "a DigitalOcean token"),
        ("sk-ant-", 30, "an Anthropic key"), ("sk-proj-", 30, "an OpenAI key"), ("AGE-SECRET-KEY-1", 40, "an age key"),
    ];

    /// <summary>One of them, in whatever case, is in each value that is looked for. Most values have none, and need no second look.</summary>
    public static readonly IReadOnlyList<string> Hints =
        [.. Issued.Select(issued => issued.Prefix), "eyJ", "-----BEGIN ", "://", "@tcp(", "@unix(", .. SecretAssignment.Words];

    private static readonly SearchValues<string> Telling = SearchValues.Create([.. Hints], StringComparison.OrdinalIgnoreCase);

    /// <summary>What the text holds, such as <c>a private key (PEM)</c>; null: nothing that is known.</summary>
    public static string? Find(string text)
    {
        if (!text.AsSpan().ContainsAny(Telling))
            return null;
        if (HoldsPrivateKey(text))
            return "a private key (PEM)";
        if (HoldsUrlPassword(text))
            return "a URL with a password";
        return SecretAssignment.IsIn(text) || HoldsDriverPassword(text)
            ? "a connection string with a password"
            : FirstToken(text);
    }

    private static string? FirstToken(ReadOnlySpan<char> rest)
    {
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOfAny(Between);
            var token = end < 0 ? rest : rest[..end];
            if (Token(token) is { } what)
                return what;
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return null;
    }

    /// <summary>
    /// Whether the whole text is as random as a generated key: long enough, of upper and lower case and digits, and with many
    /// different characters. Names, hostnames, UUIDs and hexadecimal digests are not.
    /// </summary>
    public static bool LooksRandom(string text)
    {
        var key = text.AsSpan().TrimEnd('=');
        if (key.Length is < MinRandomLength or > 512 || key.ContainsAnyExcept(Base64) || key[0] == '/')
            return false;
        return key.ContainsAnyInRange('A', 'Z') && key.ContainsAnyInRange('a', 'z') && key.ContainsAnyInRange('0', '9')
            && BitsPerCharacter(key) >= MinRandomBits
            && Changes(key) >= MinRandomChanges * (key.Length - 1);
    }

    private static string? Token(ReadOnlySpan<char> token)
    {
        if (IsJwt(token))
            return "a JSON web token";
        foreach (var (prefix, follows, what) in Issued)
        {
            if (token.Length >= prefix.Length + follows && token.StartsWith(prefix, StringComparison.Ordinal))
                return what;
        }

        return null;
    }

    /// <summary>Three parts, of which the first two are JSON objects in base64url (<c>{"</c> is <c>eyJ</c>).</summary>
    private static bool IsJwt(ReadOnlySpan<char> token)
    {
        if (!token.StartsWith("eyJ", StringComparison.Ordinal) || token.Count('.') != 2)
            return false;
        var first = token.IndexOf('.');
        var payload = token[(first + 1)..token.LastIndexOf('.')];
        return first > 10 && payload.Length > 10 && payload.StartsWith("eyJ", StringComparison.Ordinal);
    }

    private static bool HoldsPrivateKey(string text)
    {
        var begin = text.IndexOf("-----BEGIN ", StringComparison.Ordinal);
        return begin >= 0 && text.IndexOf("PRIVATE KEY", begin, StringComparison.Ordinal) >= 0;
    }

    /// <summary><c>scheme://user:password@host</c>, where the password is not a <c>$(VARIABLE)</c>.</summary>
    private static bool HoldsUrlPassword(string text)
    {
        for (var at = text.IndexOf("://", StringComparison.Ordinal); at >= 0; at = text.IndexOf("://", at + 3, StringComparison.Ordinal))
        {
            var rest = text.AsSpan(at + 3);
            var end = rest.IndexOfAny(AfterAuthority);
            var authority = end < 0 ? rest : rest[..end];
            var host = authority.LastIndexOf('@');
            var colon = host < 0 ? -1 : authority[..host].IndexOf(':');
            if (colon >= 0 && IsLiteral(authority[(colon + 1)..host]))
                return true;
        }

        return false;
    }

    /// <summary><c>user:password@tcp(db:3306)/orders</c>, as Go's driver for MySQL has it.</summary>
    private static bool HoldsDriverPassword(ReadOnlySpan<char> text)
    {
        var at = Math.Max(text.IndexOf("@tcp(", StringComparison.Ordinal), text.IndexOf("@unix(", StringComparison.Ordinal));
        if (at < 0)
            return false;
        var user = text[..at];
        user = user[(user.LastIndexOfAny(Between) + 1)..];
        var colon = user.IndexOf(':');
        return colon > 0 && IsLiteral(user[(colon + 1)..]);
    }

    /// <summary>Something that is written out here, rather than filled in from elsewhere or blotted out.</summary>
    public static bool IsLiteral(ReadOnlySpan<char> text) =>
        !text.IsEmpty && !text.StartsWith("$", StringComparison.Ordinal) && !text.StartsWith("{", StringComparison.Ordinal)
        && text is not "%s" and not "%v" && !text.StartsWith("%(", StringComparison.Ordinal)
        && !(text[0] == '<' && text[^1] == '>') && text.ContainsAnyExcept('*');

    private static int Changes(ReadOnlySpan<char> text)
    {
        var changes = 0;
        for (var i = 1; i < text.Length; i++)
        {
            if (char.IsAsciiLetterUpper(text[i]) != char.IsAsciiLetterUpper(text[i - 1])
                || char.IsAsciiLetterLower(text[i]) != char.IsAsciiLetterLower(text[i - 1]))
                changes++;
        }

        return changes;
    }

    private static double BitsPerCharacter(ReadOnlySpan<char> text)
    {
        Span<int> counts = stackalloc int[128];
        counts.Clear();
        foreach (var c in text)
            counts[c & 127]++;
        var bits = 0.0;
        foreach (var count in counts)
        {
            if (count > 0)
                bits -= (double)count / text.Length * Math.Log2((double)count / text.Length);
        }

        return bits;
    }
}
