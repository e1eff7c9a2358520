using System.Text;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Sprig's URLs: taken apart into, and put together from, a dict with the names of Go's url.URL.</summary>
internal static class SprigUrlFunctions
{
    public static readonly Function[] All =
    [
        new("urlParse", 1, 1, Parse),
        new("urlJoin", 1, 1, Join),
    ];

    /// <summary>RFC 3986, section 3: scheme ":" ["//" authority] path ["?" query] ["#" fragment].</summary>
    private static DictValue Parse(Call call)
    {
        var url = call.String(0);
        if (url.Any(char.IsControl))
            throw call.Error("the string is no URL: it has control characters");
        for (var percent = url.IndexOf('%', StringComparison.Ordinal); percent >= 0; percent = url.IndexOf('%', percent + 1))
        {
            if (percent + 2 >= url.Length || !char.IsAsciiHexDigit(url[percent + 1]) || !char.IsAsciiHexDigit(url[percent + 2]))
                throw call.Error("the string is no URL: behind a % there are two hexadecimal digits");
        }

        var (rest, fragment) = Cut(url, '#');
        var scheme = SchemeOf(rest);
        if (scheme.Length > 0)
            rest = rest[(scheme.Length + 1)..];
        else if (rest.StartsWith(':'))
            throw call.Error("the string is no URL: it has no scheme before its colon");
        (rest, var query) = Cut(rest, '?');

        var (authority, opaque) = ("", "");
        if (scheme.Length > 0 && !rest.StartsWith('/'))
            (rest, opaque) = ("", rest);
        else if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            var slash = rest.IndexOf('/', 2);
            (authority, rest) = slash < 0 ? (rest[2..], "") : (rest[2..slash], rest[slash..]);
        }

        var at = authority.LastIndexOf('@');
        var host = authority[(at + 1)..];
        var result = new DictValue();
        foreach (var (name, value) in new[]
        {
            ("scheme", scheme.ToLowerInvariant()),
            ("host", host),
            ("hostname", HostName(host)),
            ("path", Uri.UnescapeDataString(rest)),
            ("query", query),
            ("opaque", opaque),
            ("fragment", Uri.UnescapeDataString(fragment)),
            ("userinfo", at < 0 ? "" : authority[..at]),
        })
        {
            result.Set(name, TextValue.Of(value));
        }

        return result;
    }

    private static TextValue Join(Call call)
    {
        var (scheme, opaque, host) = (Part(call, "scheme"), Part(call, "opaque"), Part(call, "host"));
        var (userInfo, path, query) = (Part(call, "userinfo"), Escaped(Part(call, "path")), Part(call, "query"));
        var fragment = Escaped(Part(call, "fragment"));

        var url = new StringBuilder();
        if (scheme.Length > 0)
            url.Append(scheme).Append(':');
        if (opaque.Length > 0)
        {
            url.Append(opaque);
        }
        else
        {
            if (scheme.Length + host.Length + userInfo.Length > 0 && (host.Length + path.Length + userInfo.Length > 0))
                url.Append("//").Append(userInfo).Append(userInfo.Length > 0 ? "@" : "").Append(host);
            if (path.Length > 0 && path[0] != '/' && host.Length > 0)
                url.Append('/');
            url.Append(path);
        }

        if (query.Length > 0)
            url.Append('?').Append(query);
        if (fragment.Length > 0)
            url.Append('#').Append(fragment);
        return TextValue.Of(url.ToString());
    }

    private static string Part(Call call, string name) =>
        call.Map(0).TryGet(name, out var value) && !value.IsNil ? call.ToText(value).Decode() : "";

    private static (string Before, string After) Cut(string text, char separator)
    {
        var at = text.IndexOf(separator, StringComparison.Ordinal);
        return at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);
    }

    private static string SchemeOf(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && char.IsAsciiLetter(text[0]) && text[..colon].All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.')
            ? text[..colon]
            : "";
    }

    private static string HostName(string host)
    {
        if (host.StartsWith('['))
            return host.IndexOf(']', StringComparison.Ordinal) is > 0 and var end ? host[1..end] : host;
        var colon = host.LastIndexOf(':');
        return colon < 0 ? host : host[..colon];
    }

    /// <summary>What a path may not hold as it is, but for its slashes.</summary>
    private static string Escaped(string text) => string.Concat(text.EnumerateRunes().Select(rune =>
        rune.IsAscii && (Rune.IsLetterOrDigit(rune) || "-._~/$&+,:;=@!*'()".Contains((char)rune.Value, StringComparison.Ordinal))
            ? rune.ToString()
            : Uri.EscapeDataString(rune.ToString())));
}
