using System.Text;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Names such as HTTPServer, http_server and http-server, made of one another.</summary>
internal static class WordCase
{
    /// <summary>Small letters, with a delimiter before each word.</summary>
    public static string Delimited(string text, char delimiter)
    {
        var result = new StringBuilder();
        var beganWithDigit = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (IsDelimiter(c))
            {
                result.Append(delimiter);
                beganWithDigit = false;
                continue;
            }

            var before = i > 0 ? text[i - 1] : delimiter;
            var after = i + 1 < text.Length ? text[i + 1] : delimiter;
            // A capital begins a word after a small letter, and at the end of a run of capitals: HTTPServer.
            var isCapital = char.IsUpper(c) && char.IsLetterOrDigit(before) && (!char.IsUpper(before) || char.IsLower(after));
            // Digits that letters follow begin one after letters: http2xx is http_2xx, and 2m3s is one word.
            var isNumber = char.IsAsciiDigit(c) && char.IsLetter(before) && !beganWithDigit && IsFollowedBySmallLetter(text, i);
            if (isCapital || isNumber)
            {
                result.Append(delimiter);
                beganWithDigit = isNumber;
            }

            result.Append(char.ToLowerInvariant(c));
        }

        return result.ToString();
    }

    /// <summary>A capital for each word, without the delimiter before it; those at the ends stay.</summary>
    public static string Camel(string text)
    {
        var result = new StringBuilder();
        var begin = 0;
        while (begin < text.Length && IsDelimiter(text[begin]))
            begin++;
        result.Append(text, 0, begin);
        for (var i = begin; i < text.Length; i++)
        {
            var isLast = i == text.Length - 1;
            if (i == begin)
                result.Append(char.ToUpperInvariant(text[i]));
            else if (!IsDelimiter(text[i]))
                result.Append(char.ToLowerInvariant(text[i]));
            else if (isLast || IsDelimiter(text[i + 1]))
                result.Append(text[i]);
            else
                result.Append(char.ToUpperInvariant(text[++i]));
        }

        return result.ToString();
    }

    private static bool IsFollowedBySmallLetter(string text, int digit)
    {
        while (digit < text.Length && char.IsAsciiDigit(text[digit]))
            digit++;
        return digit < text.Length && char.IsLower(text[digit]);
    }

    private static bool IsDelimiter(char c) => c is '_' or '-' || char.IsWhiteSpace(c);
}
