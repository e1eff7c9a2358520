using System.Buffers;
using System.Text;
using SidecarAgent.Agent.Templates.Nodes;

namespace SidecarAgent.Agent.Templates.Parsing;

/// <summary>
/// Builds the tree of a template and of those defined in it, by recursive descent. This part knows texts and whole
/// definitions; the others the control actions, and pipelines.
/// </summary>
internal sealed partial class Parser
{
    private static readonly SearchValues<byte> WhiteSpace = SearchValues.Create(" \t\r\n\v\f"u8);

    private readonly Source _source;
    private readonly Lexer _lexer;
    private readonly TokenReader _tokens;
    private readonly Dictionary<string, ListNode> _definitions = new(StringComparer.Ordinal);
    private List<string> _variables = ["$"];
    private int _rangeDepth;
    private int _nesting;
    private int _actionStart;

    private Parser(Source source, TemplateOptions options)
    {
        _source = source;
        _lexer = new Lexer(source, options.LeftDelimiter, options.RightDelimiter);
        _tokens = new TokenReader(_lexer);
    }

    /// <returns>The templates by name; the source's own name stands for the text outside of definitions.</returns>
    /// <exception cref="TemplateException">The source is no template.</exception>
    public static IReadOnlyDictionary<string, ListNode> Parse(Source source, TemplateOptions options)
    {
        if (source.Text.Length > TemplateLimits.SourceCharacters)
        {
            throw source.Error(0, default, $"the template has {source.Text.Length} characters; at most "
                + $"{TemplateLimits.SourceCharacters} are allowed");
        }

        var parser = new Parser(source, options);
        parser.Define(source.Name, 0, parser.TopLevel());
        return parser._definitions;
    }

    private ListNode TopLevel()
    {
        var items = new List<Node>();
        while (_tokens.Peek().Kind != TokenKind.EndOfTemplate)
        {
            var statement = Statement(atTop: true);
            if (statement.Keyword is { } keyword)
                throw Error(keyword.Span.Start, $"unexpected '{keyword.Text}': no if, with, range, block or define is open");
            if (statement.Node is { } node)
                items.Add(node);
        }

        return new ListNode(new Span(0, _tokens.End), items);
    }

    /// <summary>Statements up to an end or else, which is returned beside them.</summary>
    /// <param name="opening">What needs the end.</param>
    private (ListNode List, Token Terminator) List(Token opening)
    {
        var openingAction = _actionStart;
        if (++_nesting > TemplateLimits.Nesting)
            throw Error(opening.Span.Start, $"blocks and parentheses are nested deeper than {TemplateLimits.Nesting}");

        var items = new List<Node>();
        while (_tokens.Peek() is var next && next.Kind != TokenKind.EndOfTemplate)
        {
            var statement = Statement(atTop: false);
            if (statement.Keyword is { } terminator)
            {
                _nesting--;
                return (new ListNode(new Span(opening.Span.Start, _tokens.End), items), terminator);
            }

            items.Add(statement.Node!);
        }

        _actionStart = openingAction;
        throw Error(opening.Span.Start, $"'{opening.Text}' is not closed; expected an 'end' before the end of the template");
    }

    /// <returns>A node, or the keyword end or else; neither for a definition.</returns>
    private (Node? Node, Token? Keyword) Statement(bool atTop)
    {
        var token = _tokens.Take();
        if (token.Kind == TokenKind.Text)
            return (new TextNode(token.Span, Encoding.UTF8.GetBytes(token.Text)), null);

        _actionStart = token.Span.Start;
        var first = _tokens.PeekBeyondSpace();
        if (first.Kind != TokenKind.Keyword)
            return (new ActionNode(_lexer.ActionFrom(_actionStart), Pipeline("the action", TokenKind.RightDelimiter)), null);

        _tokens.Take();
        switch (first.Text)
        {
            case Keywords.End:
                Expect(TokenKind.RightDelimiter, "'end' stands alone");
                return (null, first);
            case Keywords.Else:
                if (!(_tokens.PeekBeyondSpace() is var word && (word.Is(Keywords.If) || word.Is(Keywords.With))))
                    Expect(TokenKind.RightDelimiter, "'else' stands alone, or before 'if' or 'with'");
                return (null, first);
            case Keywords.Define:
                if (!atTop)
                    throw Error(first.Span.Start, "unexpected 'define': definitions stand outside of all other blocks");
                Definition(first);
                return (null, null);
            default:
                return (Control(first), null);
        }
    }

    private void Definition(Token define)
    {
        var start = _actionStart;
        var name = TemplateName(_tokens.TakeBeyondSpace());
        Expect(TokenKind.RightDelimiter, "a name and nothing else stands behind 'define'");
        Define(name, start, IsolatedBody(define));
    }

    /// <summary>The body of a template of its own: it sees no variables and no range of what is around it.</summary>
    private ListNode IsolatedBody(Token opening)
    {
        var (variables, rangeDepth) = (_variables, _rangeDepth);
        (_variables, _rangeDepth) = (["$"], 0);
        var (body, terminator) = List(opening);
        if (!terminator.Is(Keywords.End))
            throw Error(terminator.Span.Start, $"unexpected 'else' in '{opening.Text}'; expected 'end'");
        (_variables, _rangeDepth) = (variables, rangeDepth);
        return body;
    }

    /// <summary>As in Go, a definition of nothing but white space gives way to another.</summary>
    private void Define(string name, int offset, ListNode body)
    {
        if (!_definitions.TryGetValue(name, out var existing) || IsEmpty(existing))
            _definitions[name] = body;
        else if (!IsEmpty(body))
            throw _source.Error(offset, default, $"the template \"{name}\" is defined twice");
    }

    private static bool IsEmpty(ListNode list) =>
        list.Items.All(item => item is TextNode text && text.Utf8.IndexOfAnyExcept(WhiteSpace) < 0);

    private Token Expect(TokenKind kind, string rule)
    {
        var token = _tokens.TakeBeyondSpace();
        return token.Kind == kind ? token : throw Error(token.Span.Start, $"unexpected {token.Description}: {rule}");
    }

    private TemplateException Error(int offset, string problem) => _source.Error(offset, _lexer.ActionFrom(_actionStart), problem);
}
