using SidecarAgent.Agent.Templates.Functions;
using SidecarAgent.Agent.Templates.Nodes;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Parsing;

/// <content>Pipelines, commands and operands.</content>
internal sealed partial class Parser
{
    /// <summary>Declarations, then commands, up to what ends them, which is taken too.</summary>
    private PipeNode Pipeline(string owner, TokenKind end, bool isRange = false)
    {
        var start = _tokens.PeekBeyondSpace().Span.Start;
        var (variables, isAssignment) = Declarations(owner, isRange);
        var commands = new List<CommandNode>();
        while (_tokens.PeekBeyondSpace().Kind != end)
            commands.Add(Command(end, isFirst: commands.Count == 0));

        var pipe = new PipeNode(new Span(start, _tokens.End), variables, isAssignment, commands);
        var closing = _tokens.Take();
        return commands.Count > 0 ? pipe : throw Error(closing.Span.Start, $"missing value for {owner}");
    }

    /// <summary>"$x :=", "$x =", and in a range "$i, $x :=".</summary>
    private (IReadOnlyList<string> Variables, bool IsAssignment) Declarations(string owner, bool isRange)
    {
        var variables = new List<string>();
        while (_tokens.PeekBeyondSpace().Kind == TokenKind.Variable)
        {
            var separatorAt = _tokens.Peek(1).Kind == TokenKind.Space ? 2 : 1;
            var separator = _tokens.Peek(separatorAt);
            if (separator.Kind is not (TokenKind.Assign or TokenKind.Declare or TokenKind.Comma))
            {
                if (variables.Count > 0)
                    throw Error(separator.Span.Start, $"unexpected {separator.Description}; expected ':=' or '='");
                break;
            }

            var variable = _tokens.Take().Text;
            _tokens.TakeBeyondSpace();
            variables.Add(variable);
            if (separator.Kind != TokenKind.Comma)
            {
                // Go lets an assignment stand for a declaration here, and fails when it runs.
                if (separator.Kind == TokenKind.Assign)
                    variables.ForEach(name => RequireVariable(name, separator.Span.Start));
                _variables.AddRange(variables);
                return (variables, separator.Kind == TokenKind.Assign);
            }

            if (!isRange || variables.Count > 1)
                throw Error(separator.Span.Start, $"too many variables in {owner}; only 'range' takes two");
        }

        return variables.Count == 0
            ? (variables, false)
            : throw Error(_tokens.Peek().Span.Start, $"unexpected {_tokens.Peek().Description}; expected a variable behind ','");
    }

    private CommandNode Command(TokenKind end, bool isFirst)
    {
        var operands = new List<Node>();
        while (true)
        {
            var token = _tokens.PeekBeyondSpace();
            if (token.Kind == TokenKind.Pipe || token.Kind == end)
                break;
            operands.Add(Operand());
            var next = _tokens.Peek();
            if (next.Kind is not (TokenKind.Space or TokenKind.Pipe) && next.Kind != end)
                throw Error(next.Span.Start, $"unexpected {next.Description}; expected a space, '|' or the end of the action");
        }

        var start = _tokens.Peek();
        if (operands.Count == 0)
            throw Error(start.Span.Start, $"unexpected {start.Description}; expected a value or a function");
        if (!isFirst && operands[0] is ConstantNode or DotNode or NilNode)
            throw Error(operands[0].Span.Start, "only a function can stand behind '|'");

        var span = new Span(operands[0].Span.Start, operands[^1].Span.End);
        if (start.Kind == TokenKind.Pipe)
        {
            _tokens.Take();
            if (_tokens.PeekBeyondSpace().Kind == end)
                throw Error(start.Span.Start, "expected a function behind '|'");
        }

        return new CommandNode(span, operands);
    }

    /// <summary>A term and the fields behind it.</summary>
    private Node Operand()
    {
        var term = Term();
        var fields = new List<string>();
        while (_tokens.Peek().Kind == TokenKind.Field)
        {
            if (term is ConstantNode or NilNode or DotNode)
                throw Error(_tokens.Peek().Span.Start, $"unexpected {_tokens.Peek().Description}: a constant or dot has no such field");
            fields.Add(_tokens.Take().Text[1..]);
        }

        if (fields.Count == 0)
            return term;
        var span = new Span(term.Span.Start, _tokens.End);
        return term switch
        {
            FieldNode field => new FieldNode(span, [.. field.Fields, .. fields]),
            VariableNode variable => new VariableNode(span, variable.Name, fields),
            _ => new ChainNode(span, term, fields),
        };
    }

    private Node Term()
    {
        var token = _tokens.Take();
        switch (token.Kind)
        {
            case TokenKind.Dot:
                return new DotNode(token.Span);
            case TokenKind.Nil:
                return new NilNode(token.Span);
            case TokenKind.Field:
                return new FieldNode(token.Span, [token.Text[1..]]);
            case TokenKind.Variable:
                RequireVariable(token.Text, token.Span.Start);
                return new VariableNode(token.Span, token.Text, []);
            case TokenKind.Identifier:
                return new FunctionNode(token.Span, FindFunction(token));
            case TokenKind.Bool:
                return new ConstantNode(token.Span, BoolValue.Of(token.Text == "true"));
            case TokenKind.String or TokenKind.RawString:
                return new ConstantNode(token.Span, new TextValue(StringConstant(token)));
            case TokenKind.Number or TokenKind.Character:
                return new ConstantNode(token.Span, Constant(token, NumberOrCharacter));
            case TokenKind.LeftParenthesis:
                return Parenthesized(token);
            default:
                throw Error(token.Span.Start, $"unexpected {token.Description}; expected a value or a function");
        }
    }

    private PipeNode Parenthesized(Token open)
    {
        if (++_nesting > TemplateLimits.Nesting)
            throw Error(open.Span.Start, $"blocks and parentheses are nested deeper than {TemplateLimits.Nesting}");
        var pipe = Pipeline("the parentheses", TokenKind.RightParenthesis);
        _nesting--;
        return new PipeNode(new Span(open.Span.Start, _tokens.End), pipe.Variables, pipe.IsAssignment, pipe.Commands);
    }

    private Function FindFunction(Token token) =>
        FunctionTable.TryFind(token.Text, out var function, out var problem)
            ? function
            : throw Error(token.Span.Start, problem);

    private void RequireVariable(string name, int offset)
    {
        if (!_variables.Contains(name))
            throw Error(offset, $"the variable {name} is not defined here");
    }

    private byte[] StringConstant(Token token) =>
        token.Kind == TokenKind.RawString ? GoUnquote.RawString(token.Text) : Constant(token, GoUnquote.String);

    private static Value NumberOrCharacter(string text) =>
        text[0] == '\'' ? new IntValue(GoUnquote.Character(text)) : NumberConstant.Parse(text);

    private T Constant<T>(Token token, Func<string, T> parse)
    {
        try
        {
            return parse(token.Text);
        }
        catch (FormatException e)
        {
            throw Error(token.Span.Start, e.Message);
        }
    }
}
