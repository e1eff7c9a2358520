using System.Text;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Names such as HTTPServer, http_server and http-server, made of one another.</summary>
internal static class WordCase
{
    /// <summary>Small letters, with a delimiter before each word.</summary>
    public static string Delimited(string text, char delimiter)
    {
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (IsDelimiter(c))
            {
                result.Append(delimiter);
                continue;
            }

            var before = i > 0 ? text[i - 1] : delimiter;
            var after = i + 1 < text.Length ? text[i + 1] : delimiter;
            // A capital begins a word after a small letter, and at the end of a run of capitals: HTTPServer.
            var begins = char.IsUpper(c) && !IsDelimiter(before) && (!char.IsUpper(before) || char.IsLower(after));
            if (begins)
                result.Append(delimiter);
            result.Append(char.ToLowerInvariant(c));
        }

        return result.ToString();
    }

    /// <summary>A capital for each word, no delimiters.</summary>
    public static string Camel(string text)
    {
        var result = new StringBuilder();
        var begins = true;
        foreach (var c in text)
        {
            if (!IsDelimiter(c))
                result.Append(begins ? char.ToUpperInvariant(c) : c);
            begins = IsDelimiter(c);
        }

        return result.ToString();
    }

    private static bool IsDelimiter(char c) => c is '_' or '-' or ' ' or '.';
}
