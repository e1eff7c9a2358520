namespace SidecarAgent.Broker.Engines.Accounts;

/// <summary>One piece of a statement.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As it stands in the statement, with its quotes.</param>
internal readonly record struct StatementPiece(StatementPieceKind Kind, string Text);

internal enum StatementPieceKind
{
    /// <summary>A keyword, a number, a name without quotes.</summary>
    Word,

    /// <summary>White space.</summary>
    Space,

    /// <summary>A text or a name between quotes of any kind.</summary>
    Quoted,

    /// <summary><c>{{...}}</c> outside of quotes.</summary>
    Placeholder,

    /// <summary>One character of any other kind.</summary>
    Symbol,
}

/// <summary>
/// Takes a statement apart as its server would, far enough to know what is quoted. What is hard to know is refused:
/// comments, several statements in one, control characters.
/// </summary>
internal sealed class StatementScanner(StatementGrammar grammar, string text)
{
    private int _at;

    /// <exception cref="FormatException">It cannot be used; the message says why, for whoever wrote it.</exception>
    public IReadOnlyList<StatementPiece> Scan()
    {
        if (text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')))
            throw new FormatException("it holds a control character");
        var pieces = new List<StatementPiece>();
        while (_at < text.Length)
        {
            var start = _at;
            var kind = Next();
            pieces.Add(new StatementPiece(kind, text[start.._at]));
        }

        return pieces;
    }

    private StatementPieceKind Next()
    {
        var c = text[_at];
        if (IsSpace(c))
            return Take(StatementPieceKind.Space, IsSpace);
        if (IsWord(c))
            return Take(StatementPieceKind.Word, IsInWord);
        if (StartsWith("{{"))
            return TakePlaceholder();
        if (StartsWith("--") || StartsWith("/*") || (c == '#' && grammar.HasHashComments))
            throw new FormatException("it holds a comment; write comments in YAML, with #");
        if (c == ';')
            throw new FormatException("it holds a semicolon; write each statement as an entry of its own");
        if (c is '\'' or '"' or '`')
            return TakeQuoted(c);
        if (c == '$' && grammar.HasDollarQuotes)
            return TakeDollarQuoted();
        _at++;
        return StatementPieceKind.Symbol;
    }

    private StatementPieceKind Take(StatementPieceKind kind, Func<char, bool> belongs)
    {
        while (_at < text.Length && belongs(text[_at]))
            _at++;
        return kind;
    }

    private StatementPieceKind TakePlaceholder()
    {
        var end = text.IndexOf("}}", _at, StringComparison.Ordinal);
        if (end < 0)
            throw new FormatException("a {{ has no }}");
        _at = end + 2;
        return StatementPieceKind.Placeholder;
    }

    private StatementPieceKind TakeQuoted(char quote)
    {
        // PostgreSQL's E'...' is the one text of it in which a backslash means something.
        var escapes = quote != '`' && (grammar.EscapesWithBackslash || (quote == '\'' && FollowsEscapeMark()));
        for (_at++; _at < text.Length; _at++)
        {
            if (text[_at] == '\\' && escapes)
                _at++;
            else if (text[_at] == quote && _at + 1 < text.Length && text[_at + 1] == quote)
                _at++;
            else if (text[_at] == quote)
                return EndQuoted();
        }

        throw new FormatException($"a {quote} is never closed");
    }

    private StatementPieceKind EndQuoted()
    {
        _at++;
        return StatementPieceKind.Quoted;
    }

    private StatementPieceKind TakeDollarQuoted()
    {
        var tagEnd = text.IndexOf('$', _at + 1);
        if (tagEnd < 0 || text[(_at + 1)..tagEnd].Any(c => !IsWord(c)) || char.IsAsciiDigit(text[_at + 1]))
            throw new FormatException("a $ stands where no quoted text begins");
        var tag = text[_at..(tagEnd + 1)];
        var end = text.IndexOf(tag, tagEnd + 1, StringComparison.Ordinal);
        if (end < 0)
            throw new FormatException($"a {tag} is never closed");
        _at = end + tag.Length;
        return StatementPieceKind.Quoted;
    }

    private bool FollowsEscapeMark() =>
        _at > 0 && text[_at - 1] is 'e' or 'E' && (_at == 1 || !IsInWord(text[_at - 2]));

    private bool StartsWith(string start) => string.CompareOrdinal(text, _at, start, 0, start.Length) == 0;

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n';

    // As PostgreSQL: every character beyond ASCII may stand in a name.
    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_' || c > '\x7f';

    private static bool IsInWord(char c) => IsWord(c) || c == '$';
}
