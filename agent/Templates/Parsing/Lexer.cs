namespace SidecarAgent.Agent.Templates.Parsing;

/// <summary>
/// Cuts a template into tokens, one at a time. This part knows text, delimiters, comments and trim markers; the other
/// part what stands inside an action.
/// </summary>
internal sealed partial class Lexer(Source source, string leftDelimiter, string rightDelimiter)
{
    private readonly string _text = source.Text;
    private int _at;
    private bool _insideAction;
    private int _actionStart;
    private int _openParentheses;

    public Token Next() => _insideAction ? NextInAction() : NextInText();

    /// <summary>From the delimiter to the one that closes it, or to the line's end.</summary>
    public Span ActionFrom(int start)
    {
        var close = _text.IndexOf(rightDelimiter, Math.Min(start + leftDelimiter.Length, _text.Length), StringComparison.Ordinal);
        var end = close < 0 ? _text.Length : close + rightDelimiter.Length;
        var lineEnd = _text.IndexOf('\n', start, end - start);
        return new Span(start, lineEnd < 0 ? end : lineEnd);
    }

    private Token NextInText()
    {
        while (true)
        {
            var start = _at;
            var open = _text.IndexOf(leftDelimiter, start, StringComparison.Ordinal);
            if (open < 0)
            {
                _at = _text.Length;
                return start == _text.Length ? Token(TokenKind.EndOfTemplate, start) : Token(TokenKind.Text, start);
            }

            var inside = open + leftDelimiter.Length;
            var trims = StartsWithTrimMarker(inside);
            var text = trims ? _text.AsSpan(start..open).TrimEnd(" \t\r\n") : _text.AsSpan(start..open);
            if (text.Length > 0)
            {
                _at = open;
                return new Token(TokenKind.Text, new Span(start, start + text.Length), text.ToString());
            }

            _actionStart = open;
            _at = trims ? inside + 1 : inside;
            if (SkipComment(trims))
                continue;
            _insideAction = true;
            _openParentheses = 0;
            return new Token(TokenKind.LeftDelimiter, new Span(open, inside), leftDelimiter);
        }
    }

    /// <summary>"{{- " trims the text before it; "{{-3}}" is a number.</summary>
    private bool StartsWithTrimMarker(int at) => at + 1 < _text.Length && _text[at] == '-' && IsSpace(_text[at + 1]);

    /// <summary>A comment is an action of its own: nothing but white space of a trim marker may stand beside it.</summary>
    private bool SkipComment(bool trims)
    {
        var at = trims ? _at + 1 : _at;
        if (string.CompareOrdinal(_text, at, "/*", 0, 2) != 0)
            return false;

        var close = _text.IndexOf("*/", at + 2, StringComparison.Ordinal);
        if (close < 0)
            throw Error(_actionStart, "the comment is not closed; expected '*/'");
        _at = close + 2;
        if (!TryCloseAction())
            throw Error(_at, $"expected '{rightDelimiter}' behind the comment");
        return true;
    }

    /// <summary>Goes behind the right delimiter, if it is next, and behind the white space that its marker trims.</summary>
    private bool TryCloseAction()
    {
        var trims = _at + 1 < _text.Length && IsSpace(_text[_at]) && _text[_at + 1] == '-';
        var at = trims && StartsWith(_at + 2, rightDelimiter) ? _at + 2 : _at;
        if (!StartsWith(at, rightDelimiter))
            return false;
        trims = at != _at;
        _at = at + rightDelimiter.Length;
        while (trims && _at < _text.Length && IsSpace(_text[_at]))
            _at++;
        return true;
    }

    private bool StartsWith(int at, string value) => string.CompareOrdinal(_text, at, value, 0, value.Length) == 0;

    private Token Token(TokenKind kind, int start) => new(kind, new Span(start, _at), _text[start.._at]);

    private TemplateException Error(int offset, string problem) => source.Error(offset, ActionFrom(_actionStart), problem);

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n';
}
