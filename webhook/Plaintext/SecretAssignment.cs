using System.Buffers;

namespace SidecarAgent.Webhook.Plaintext;

/// <summary>
/// Finds passwords by what they are assigned to, in the middle of a text: <c>Server=db;Password=...</c> (ADO.NET, ODBC,
/// Azure), <c>host=db password=...</c> (libpq), <c>?user=a&amp;password=...</c> (JDBC), <c>password="..."</c> (JAAS),
/// <c>-Dspring.datasource.password=...</c>, <c>"password":"..."</c> (JSON).
/// </summary>
internal static class SecretAssignment
{
    /// <summary>In lower case.</summary>
    public static readonly IReadOnlyList<string> Words =
        ["password", "passwd", "pwd", "accountkey", "sharedaccesskey", "sharedsecret", "sas_token", "client_secret"];

    private static readonly SearchValues<string> Any = SearchValues.Create([.. Words], StringComparison.OrdinalIgnoreCase);

    /// <summary>What may stand before the word.</summary>
    private const string Before = " \t\r\n;&?,.-\"'{(";

    /// <summary>Of a value no more is looked at, so that many of them without an end cost no more than one.</summary>
    private const int MostOfValue = 128;

    private static readonly SearchValues<char> AfterValue = SearchValues.Create(" \t\r\n;&,\"'})");

    public static bool IsIn(ReadOnlySpan<char> text)
    {
        for (var rest = text; rest.IndexOfAny(Any) is >= 0 and var at;)
        {
            var word = LengthOf(rest[at..]);
            var start = text.Length - rest.Length + at;
            if ((start == 0 || Before.Contains(text[start - 1], StringComparison.Ordinal)) && IsAssigned(rest[(at + word)..]))
                return true;
            rest = rest[(at + word)..];
        }

        return false;
    }

    /// <summary>Whether what follows the word assigns something that is written out there.</summary>
    private static bool IsAssigned(ReadOnlySpan<char> rest)
    {
        var isQuoted = rest is ['"' or '\'', ..];
        rest = rest[(isQuoted ? 1 : 0)..].TrimStart(' ');
        if (rest is not ['=', ..] && !(isQuoted && rest is [':', ..]))
            return false;
        rest = rest[1..].TrimStart(' ').TrimStart("\"'");
        rest = rest[..Math.Min(rest.Length, MostOfValue)];
        var end = rest.IndexOfAny(AfterValue);
        return SecretValue.IsLiteral(end < 0 ? rest : rest[..end]);
    }

    private static int LengthOf(ReadOnlySpan<char> text)
    {
        foreach (var word in Words)
        {
            if (text.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                return word.Length;
        }

        return 1;
    }
}
