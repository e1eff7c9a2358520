namespace SidecarAgent.Agent.Templates.Parsing;

/// <summary>The tokens of a template, with as many steps of looking ahead as the grammar needs.</summary>
internal sealed class TokenReader(Lexer lexer)
{
    private readonly List<Token> _ahead = [];

    /// <summary>Where the token ended that was taken last.</summary>
    public int End { get; private set; }

    public Token Peek(int steps = 0)
    {
        while (_ahead.Count <= steps)
            _ahead.Add(lexer.Next());
        return _ahead[steps];
    }

    public Token Take()
    {
        var token = Peek();
        _ahead.RemoveAt(0);
        End = token.Kind == TokenKind.Space ? End : token.Span.End;
        return token;
    }

    public Token PeekBeyondSpace()
    {
        while (Peek().Kind == TokenKind.Space)
            Take();
        return Peek();
    }

    public Token TakeBeyondSpace()
    {
        PeekBeyondSpace();
        return Take();
    }
}
