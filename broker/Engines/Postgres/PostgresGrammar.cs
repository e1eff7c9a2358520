using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Engines.Postgres;

/// <summary>PostgreSQL's quoting (its manual, section 4.1), for statements that are not parameterized, such as CREATE ROLE.</summary>
internal static class PostgresGrammar
{
    public static StatementGrammar Statements { get; } = new()
    {
        Server = "PostgreSQL",
        EscapesWithBackslash = false,
        HasDollarQuotes = true,
        HasHashComments = false,
        TakesQuotedName = true,
        BeforePassword = ["PASSWORD"],
        Needed = [StatementTemplate.Name, StatementTemplate.Password, StatementTemplate.ValidUntil],
        Account = name => Identifier(name.Value),
        Literal = Literal,
    };

    public static string Identifier(string name)
    {
        Require(name);
        return $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>Means the same whether or not the server takes backslashes in plain literals.</summary>
    public static string Literal(string text)
    {
        Require(text);
        var doubled = text.Replace("'", "''", StringComparison.Ordinal);
        // The space keeps the E from becoming the end of a word before it.
        return doubled.Contains('\\') ? $" E'{doubled.Replace("\\", "\\\\", StringComparison.Ordinal)}'" : $"'{doubled}'";
    }

    /// <summary>As VALID UNTIL takes it, to the second, later rather than earlier.</summary>
    public static string Time(DateTimeOffset time) => $"{time.AddSeconds(1).UtcDateTime:yyyy-MM-dd HH:mm:ss}+00";

    private static void Require(string text)
    {
        if (text.Contains('\0'))
            throw new ArgumentException("PostgreSQL takes no text with a NUL character.");
    }
}
