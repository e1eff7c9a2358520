using SidecarAgent.Broker.Engines.Accounts;

namespace SidecarAgent.Broker.Engines.MariaDb;

/// <summary>
/// MariaDB's quoting, in the mode that <see cref="MariaDbConnections"/> sets: a backslash escapes, double quotes are
/// texts. Statements about users cannot be parameterized.
/// </summary>
internal static class MariaDbGrammar
{
    /// <summary>Where accounts may log in from: the broker does not know the pods' addresses.</summary>
    private const string AnyHost = "%";

    public static StatementGrammar Statements { get; } = new()
    {
        Server = "MariaDB",
        EscapesWithBackslash = true,
        HasDollarQuotes = false,
        HasHashComments = true,
        TakesQuotedName = false,
        BeforePassword = ["PASSWORD", "USING", "AS"],
        Needed = [StatementTemplate.Name, StatementTemplate.Password],
        Account = Account,
        Literal = Literal,
    };

    /// <summary>With the host, without which a user is another one.</summary>
    public static string Account(AccountName name) => $"{Literal(name.Value)}@'{AnyHost}'";

    public static string Literal(string text)
    {
        if (text.Contains('\0'))
            throw new ArgumentException("MariaDB's names take no NUL character.");
        return $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";
    }
}
