namespace SidecarAgent.Broker.Engines.Accounts;

/// <summary>What must be known of a server's SQL to put values into its statements safely.</summary>
internal sealed record StatementGrammar
{
    /// <summary>How messages call the server.</summary>
    public required string Server { get; init; }

    /// <summary>A backslash in a quoted text takes the meaning from the character after it.</summary>
    public required bool EscapesWithBackslash { get; init; }

    /// <summary>Texts may stand between <c>$tag$</c> and <c>$tag$</c>.</summary>
    public required bool HasDollarQuotes { get; init; }

    /// <summary>A <c>#</c> begins a comment.</summary>
    public required bool HasHashComments { get; init; }

    /// <summary>Whether <c>"{{name}}"</c> is the account, too.</summary>
    public required bool TakesQuotedName { get; init; }

    /// <summary>The words of which one must stand before <c>{{password}}</c>: what follows them is taken as a hash.</summary>
    public required IReadOnlyList<string> BeforePassword { get; init; }

    /// <summary>Placeholders that creating an account needs.</summary>
    public required IReadOnlyList<string> Needed { get; init; }

    /// <summary>The account, quoted so that it can stand where the server expects one.</summary>
    public required Func<AccountName, string> Account { get; init; }

    /// <summary>A text, quoted as a literal.</summary>
    public required Func<string, string> Literal { get; init; }
}
