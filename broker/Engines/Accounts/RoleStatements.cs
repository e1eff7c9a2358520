namespace SidecarAgent.Broker.Engines.Accounts;

/// <summary>What makes, and what removes, the accounts of a role on a server that speaks SQL.</summary>
/// <param name="Role">The role's name, as it stands in paths.</param>
/// <param name="Create">In this order, in one transaction where the server has them for accounts.</param>
/// <param name="Drop">Instead of what the server's client does by itself; empty: as usual.</param>
/// <param name="ReassignTo">Who owns what the account leaves behind; null: it is removed.</param>
internal sealed record RoleStatements(
    string Role, IReadOnlyList<StatementTemplate> Create, IReadOnlyList<StatementTemplate> Drop, string? ReassignTo)
{
    public const int Most = 32;

    /// <summary>Reads the statements of a role and looks whether they can do what they must.</summary>
    /// <param name="grammar">Of the server.</param>
    /// <param name="role">Name.</param>
    /// <param name="create">As configured.</param>
    /// <param name="drop">As configured; may be empty.</param>
    /// <param name="reassignTo">As configured.</param>
    /// <param name="report">Is told each problem: of which list (<c>create</c>, <c>drop</c>), and what.</param>
    public static RoleStatements Parse(
        StatementGrammar grammar, string role, IReadOnlyList<string> create, IReadOnlyList<string> drop, string? reassignTo,
        Action<string, string> report)
    {
        var creating = ParseAll(grammar, "create", create, report);
        var dropping = ParseAll(grammar, "drop", drop, report);
        if (creating.Count == create.Count)
        {
            foreach (var missing in grammar.Needed.Except(creating.SelectMany(statement => statement.Placeholders)))
                report("create", $"no statement holds {{{{{missing}}}}}, and creating an account needs it");
        }

        if (dropping.SelectMany(statement => statement.Placeholders).Any(placeholder => placeholder != StatementTemplate.Name))
            report("drop", $"a statement that drops an account can hold only {{{{{StatementTemplate.Name}}}}}");
        if (reassignTo is not null && dropping.Count > 0)
            report("drop", "'drop' and 'reassignTo' exclude each other: write the REASSIGN OWNED into 'drop'");
        return new RoleStatements(role, creating, dropping, reassignTo);
    }

    private static List<StatementTemplate> ParseAll(
        StatementGrammar grammar, string list, IReadOnlyList<string> texts, Action<string, string> report)
    {
        if (texts.Count > Most)
            report(list, $"a role has at most {Most} statements, got {texts.Count}");
        var statements = new List<StatementTemplate>(texts.Count);
        for (var i = 0; i < texts.Count; i++)
        {
            try
            {
                statements.Add(StatementTemplate.Parse(grammar, texts[i]));
            }
            catch (FormatException e)
            {
                report(list, $"statement {i + 1} cannot be used: {e.Message}");
            }
        }

        return statements;
    }
}
