namespace SidecarAgent.Agent.Templates.Parsing;

/// <content>What stands inside an action.</content>
internal sealed partial class Lexer
{
    private Token NextInAction()
    {
        var start = _at;
        if (TryCloseAction())
        {
            if (_openParentheses > 0)
                throw Error(start, "a parenthesis is not closed; expected ')'");
            _insideAction = false;
            return new Token(TokenKind.RightDelimiter, new Span(start, _at), rightDelimiter);
        }

        if (_at == _text.Length)
            throw Error(_actionStart, $"the action is not closed; expected '{rightDelimiter}'");
        var c = _text[_at];
        switch (c)
        {
            case ' ' or '\t' or '\r' or '\n':
                return Space();
            case '|':
                return Single(TokenKind.Pipe);
            case ',':
                return Single(TokenKind.Comma);
            case '=':
                return Single(TokenKind.Assign);
            case '(':
                _openParentheses++;
                return Single(TokenKind.LeftParenthesis);
            case ')':
                if (--_openParentheses < 0)
                    throw Error(start, "unexpected ')': no parenthesis is open");
                return Single(TokenKind.RightParenthesis);
            case ':':
                if (!StartsWith(_at, ":="))
                    throw Error(start, "unexpected ':'; expected ':='");
                _at += 2;
                return Token(TokenKind.Declare, start);
            case '"':
                return Quoted('"', TokenKind.String, "string");
            case '\'':
                return Quoted('\'', TokenKind.Character, "character constant");
            case '`':
                return RawString();
            case '$':
                return Name(TokenKind.Variable);
            case '.' when !IsDigitAt(_at + 1):
                return Name(TokenKind.Field);
            case '.' or '+' or '-' or (>= '0' and <= '9'):
                return Number();
            default:
                return IsAlphanumeric(c) ? Word() : throw Error(start, $"unexpected {Describe(c)}");
        }
    }

    private Token Single(TokenKind kind)
    {
        _at++;
        return Token(kind, _at - 1);
    }

    /// <summary>Up to a trim marker, whose space is its own.</summary>
    private Token Space()
    {
        var start = _at;
        while (_at < _text.Length && IsSpace(_text[_at]) && !(_at > start && AtTrimmedRightDelimiter()))
            _at++;
        return Token(TokenKind.Space, start);
    }

    private bool AtTrimmedRightDelimiter() => _at + 1 < _text.Length && _text[_at + 1] == '-' && StartsWith(_at + 2, rightDelimiter);

    private Token Quoted(char quote, TokenKind kind, string what)
    {
        var start = _at++;
        while (true)
        {
            if (_at >= _text.Length || _text[_at] == '\n')
                throw Error(start, $"the {what} is not closed; expected {quote} on the same line");
            var c = _text[_at++];
            if (c == quote)
                return Token(kind, start);
            if (c == '\\' && _at < _text.Length && _text[_at] != '\n')
                _at++;
        }
    }

    private Token RawString()
    {
        var start = _at;
        var close = _text.IndexOf('`', start + 1);
        if (close < 0)
            throw Error(start, "the raw string is not closed; expected `");
        _at = close + 1;
        return Token(TokenKind.RawString, start);
    }

    /// <summary>A dot or a dollar sign, alone or with a name behind it.</summary>
    private Token Name(TokenKind kind)
    {
        var start = _at++;
        if (AtTerminator())
            return Token(kind == TokenKind.Field ? TokenKind.Dot : kind, start);
        SkipAlphanumeric();
        RequireTerminator(start);
        return _at == start + 1 ? throw Error(start, $"unexpected {Describe(_text[_at])}") : Token(kind, start);
    }

    private Token Word()
    {
        var start = _at;
        SkipAlphanumeric();
        RequireTerminator(start);
        return Token(Keywords.KindOf(_text[start.._at]), start);
    }

    /// <summary>Whether it is one is found out when it is converted.</summary>
    private Token Number()
    {
        var start = _at;
        if (_text[_at] is '+' or '-')
            _at++;
        var hexadecimal = StartsWith(_at, "0x") || StartsWith(_at, "0X");
        while (_at < _text.Length)
        {
            var isSign = _text[_at] is '+' or '-';
            var afterExponent = _text[_at - 1] is 'p' or 'P' || (!hexadecimal && _text[_at - 1] is 'e' or 'E');
            if (isSign ? !(afterExponent && _at > start + 1) : _text[_at] != '.' && !IsAlphanumeric(_text[_at]))
                break;
            _at++;
        }

        return Token(TokenKind.Number, start);
    }

    private void SkipAlphanumeric()
    {
        while (_at < _text.Length && IsAlphanumeric(_text[_at]))
            _at++;
    }

    /// <summary>A name ends at white space or punctuation, so that $x+2 does not look like arithmetic.</summary>
    private void RequireTerminator(int start)
    {
        if (!AtTerminator())
        {
            throw Error(_at, $"unexpected {Describe(_text[_at])} behind '{_text[start.._at]}'; names hold letters, digits and _ only"
                + " (for other keys use index)");
        }
    }

    private bool AtTerminator() =>
        _at >= _text.Length
        || IsSpace(_text[_at])
        || _text[_at] is '.' or ',' or '|' or ':' or ')' or '('
        || StartsWith(_at, rightDelimiter);

    private bool IsDigitAt(int at) => at < _text.Length && char.IsAsciiDigit(_text[at]);

    private static bool IsAlphanumeric(char c) => c == '_' || char.IsLetterOrDigit(c);

    private static string Describe(char c) => char.IsControl(c) ? $"the character U+{(int)c:X4}" : $"'{c}'";
}
