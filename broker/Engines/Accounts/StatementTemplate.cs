namespace SidecarAgent.Broker.Engines.Accounts;

/// <summary>
/// One statement with <c>{{name}}</c>, <c>{{password}}</c> and <c>{{validUntil}}</c>. Where a placeholder stands decides
/// how it is quoted, and it may stand only where that is beyond doubt.
/// </summary>
internal sealed class StatementTemplate
{
    public const string Name = "name";
    public const string Password = "password";
    public const string ValidUntil = "validUntil";

    private const int Longest = 8 * 1024;
    private static readonly string[] Known = [Name, Password, ValidUntil];

    private readonly StatementGrammar _grammar;
    private readonly IReadOnlyList<Part> _parts;

    private StatementTemplate(StatementGrammar grammar, IReadOnlyList<Part> parts)
    {
        _grammar = grammar;
        _parts = parts;
    }

    /// <summary>The placeholders that it holds.</summary>
    public IEnumerable<string> Placeholders => _parts.Where(part => part.Placeholder is not null).Select(part => part.Placeholder!);

    /// <exception cref="FormatException">It cannot be used; the message says why, for whoever wrote it.</exception>
    public static StatementTemplate Parse(StatementGrammar grammar, string text)
    {
        if (text.Length > Longest)
            throw new FormatException($"it has {text.Length} characters, and at most {Longest} are allowed");
        var trimmed = text.Trim();
        if (trimmed.EndsWith(';'))
            trimmed = trimmed[..^1].TrimEnd();
        if (trimmed.Length == 0)
            throw new FormatException("it is empty");

        var pieces = new StatementScanner(grammar, trimmed).Scan();
        var parts = pieces.Select((piece, at) => PartOf(grammar, pieces, at)).ToList();
        return new StatementTemplate(grammar, parts);
    }

    /// <param name="name">For <c>{{name}}</c>.</param>
    /// <param name="hashedPassword">For <c>{{password}}</c>: as the server stores it, never the password itself.</param>
    /// <param name="validUntil">For <c>{{validUntil}}</c>, as the server writes times.</param>
    public string Render(AccountName name, string hashedPassword, string validUntil) =>
        string.Concat(_parts.Select(part => part.Placeholder switch
        {
            null => part.Text,
            Name => part.IsLiteral ? _grammar.Literal(name.Value) : _grammar.Account(name),
            Password => _grammar.Literal(hashedPassword),
            _ => _grammar.Literal(validUntil),
        }));

    private static Part PartOf(StatementGrammar grammar, IReadOnlyList<StatementPiece> pieces, int at)
    {
        var piece = pieces[at];
        var isQuoted = piece.Kind == StatementPieceKind.Quoted;
        if (piece.Kind != StatementPieceKind.Placeholder && !(isQuoted && piece.Text.Contains("{{", StringComparison.Ordinal)))
            return new Part(piece.Text, null, false);

        var inner = isQuoted ? piece.Text[1..^1] : piece.Text;
        var placeholder = inner.Length >= 4 && inner.StartsWith("{{", StringComparison.Ordinal) && inner.EndsWith("}}", StringComparison.Ordinal)
            ? inner[2..^2].Trim()
            : null;
        if (placeholder is null || placeholder.Contains('{') || piece.Text[0] is '`' or '$')
            throw new FormatException($"a placeholder stands inside of {piece.Text}; it must stand alone, without quotes");
        if (!Known.Contains(placeholder))
            throw new FormatException($"there is no placeholder {{{{{placeholder}}}}}; expected {Expected(grammar)}");
        if (placeholder == ValidUntil && !grammar.Needed.Contains(ValidUntil))
            throw new FormatException($"{grammar.Server} has no time after which an account ends, so there is no {{{{{ValidUntil}}}}}");
        if (isQuoted && !MayBeQuoted(grammar, piece.Text[0], placeholder))
            throw new FormatException($"{{{{{placeholder}}}}} must stand without quotes around it; they are added where they belong");
        if (!IsFree(pieces, at - 1) || !IsFree(pieces, at + 1))
            throw new FormatException($"{{{{{placeholder}}}}} must have a space on both sides");
        if (placeholder == Password && !FollowsPasswordWord(grammar, pieces, at))
        {
            throw new FormatException(
                $"{{{{{Password}}}}} is a hash, never the password itself, and must follow {string.Join(" or ", grammar.BeforePassword)}");
        }

        return new Part(piece.Text, placeholder, isQuoted && piece.Text[0] == '\'');
    }

    private static bool MayBeQuoted(StatementGrammar grammar, char quote, string placeholder) =>
        grammar.TakesQuotedName && (quote == '"' ? placeholder == Name : quote == '\'');

    /// <summary>Nothing that could change the meaning of the quotes, such as the E of E'...', touches it.</summary>
    private static bool IsFree(IReadOnlyList<StatementPiece> pieces, int at) =>
        at < 0 || at >= pieces.Count || pieces[at] is { Kind: StatementPieceKind.Space }
            or { Kind: StatementPieceKind.Symbol, Text: "(" or ")" or "," or "=" or "." };

    private static bool FollowsPasswordWord(StatementGrammar grammar, IReadOnlyList<StatementPiece> pieces, int at) =>
        pieces.Take(at).LastOrDefault(piece => piece.Kind != StatementPieceKind.Space) is { Kind: StatementPieceKind.Word } word
        && grammar.BeforePassword.Contains(word.Text, StringComparer.OrdinalIgnoreCase);

    private static string Expected(StatementGrammar grammar) =>
        string.Join(", ", grammar.Needed.Select(name => $"{{{{{name}}}}}"));

    /// <param name="Text">As written.</param>
    /// <param name="Placeholder">What is put in its place; null: nothing.</param>
    /// <param name="IsLiteral">It stood between single quotes: a text, whatever it holds.</param>
    private sealed record Part(string Text, string? Placeholder, bool IsLiteral);
}
