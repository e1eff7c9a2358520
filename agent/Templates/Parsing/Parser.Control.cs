using System.Text;
using SidecarAgent.Agent.Templates.Nodes;

namespace SidecarAgent.Agent.Templates.Parsing;

/// <content>Actions that begin with a keyword.</content>
internal sealed partial class Parser
{
    private Node Control(Token keyword) => keyword.Text switch
    {
        Keywords.If or Keywords.With or Keywords.Range => Branch(keyword),
        Keywords.Template => TemplateCall(),
        Keywords.Block => Block(keyword),
        _ => LoopExit(keyword),
    };

    /// <summary>Variables that its pipeline or its parts declare are gone behind its end.</summary>
    private BranchNode Branch(Token keyword)
    {
        var span = _lexer.ActionFrom(_actionStart);
        var isRange = keyword.Is(Keywords.Range);
        var outerVariables = _variables.Count;
        var pipe = Pipeline($"'{keyword.Text}'", TokenKind.RightDelimiter, isRange);

        _rangeDepth += isRange ? 1 : 0;
        var (body, terminator) = List(keyword);
        _rangeDepth -= isRange ? 1 : 0;

        var otherwise = terminator.Is(Keywords.Else) ? Otherwise(keyword, terminator) : null;
        _variables.RemoveRange(outerVariables, _variables.Count - outerVariables);
        return keyword.Text switch
        {
            Keywords.If => new IfNode(span, pipe, body, otherwise),
            Keywords.With => new WithNode(span, pipe, body, otherwise),
            _ => new RangeNode(span, pipe, body, otherwise),
        };
    }

    /// <summary>"else if" in an if and "else with" in a with share the end with what they stand in.</summary>
    private ListNode Otherwise(Token keyword, Token elseKeyword)
    {
        var next = _tokens.Peek();
        if (next.Kind == TokenKind.Keyword)
        {
            if (!next.Is(keyword.Text))
                throw Error(next.Span.Start, $"unexpected 'else {next.Text}' in '{keyword.Text}'");
            if (++_nesting > TemplateLimits.Nesting)
                throw Error(next.Span.Start, $"blocks and parentheses are nested deeper than {TemplateLimits.Nesting}");
            var chained = Branch(_tokens.Take());
            _nesting--;
            return new ListNode(chained.Span, [chained]);
        }

        var (list, terminator) = List(elseKeyword);
        return terminator.Is(Keywords.End)
            ? list
            : throw Error(terminator.Span.Start, $"unexpected second 'else' in '{keyword.Text}'; expected 'end'");
    }

    private TemplateNode TemplateCall()
    {
        var span = _lexer.ActionFrom(_actionStart);
        var name = TemplateName(_tokens.TakeBeyondSpace());
        if (_tokens.PeekBeyondSpace().Kind != TokenKind.RightDelimiter)
            return new TemplateNode(span, name, Pipeline("'template'", TokenKind.RightDelimiter));
        _tokens.Take();
        return new TemplateNode(span, name, null);
    }

    /// <summary>A definition that is run where it stands.</summary>
    private TemplateNode Block(Token keyword)
    {
        var span = _lexer.ActionFrom(_actionStart);
        var name = TemplateName(_tokens.TakeBeyondSpace());
        var pipe = Pipeline("'block'", TokenKind.RightDelimiter);
        Define(name, span.Start, IsolatedBody(keyword));
        return new TemplateNode(span, name, pipe);
    }

    private Node LoopExit(Token keyword)
    {
        var span = _lexer.ActionFrom(_actionStart);
        Expect(TokenKind.RightDelimiter, $"'{keyword.Text}' stands alone");
        if (_rangeDepth == 0)
            throw Error(keyword.Span.Start, $"unexpected '{keyword.Text}' outside of 'range'");
        return keyword.Is(Keywords.Break) ? new BreakNode(span) : new ContinueNode(span);
    }

    private string TemplateName(Token token) => token.Kind is TokenKind.String or TokenKind.RawString
        ? Encoding.UTF8.GetString(StringConstant(token))
        : throw Error(token.Span.Start, $"unexpected {token.Description}; expected the template's name as a string constant");
}
