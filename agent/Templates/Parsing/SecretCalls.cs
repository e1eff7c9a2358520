using System.Text;
using SidecarAgent.Agent.Rendering;
using SidecarAgent.Agent.Templates.Nodes;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Parsing;

/// <summary>
/// Finds the secrets that a template names, in every branch of it: the agent has to ask for them before it renders.
/// </summary>
internal sealed class SecretCalls
{
    private const int MaxPathBytes = 256;

    private readonly Source _source;
    private readonly List<SecretNeed> _needs = [];

    private SecretCalls(Source source) => _source = source;

    /// <returns>Without duplicates, in the order of the source.</returns>
    /// <exception cref="TemplateException">A path is not a constant, or cannot be one.</exception>
    public static IReadOnlyList<SecretNeed> Find(Source source, IEnumerable<ListNode> templates)
    {
        var calls = new SecretCalls(source);
        foreach (var template in templates.OrderBy(t => t.Span.Start))
            calls.Statements(template);
        return calls._needs;
    }

    private void Statements(ListNode? list)
    {
        foreach (var statement in list?.Items ?? [])
        {
            switch (statement)
            {
                case ActionNode action:
                    Pipe(action.Pipe);
                    break;
                case TemplateNode { Pipe: { } pipe }:
                    Pipe(pipe);
                    break;
                case BranchNode branch:
                    Pipe(branch.Pipe);
                    Statements(branch.Body);
                    Statements(branch.Otherwise);
                    break;
            }
        }
    }

    private void Pipe(PipeNode pipe)
    {
        Node? piped = null;
        foreach (var command in pipe.Commands)
        {
            for (var i = 0; i < command.Operands.Count; i++)
                Operand(command, i, piped);
            piped = command.Operands.Count == 1 ? command.Operands[0] : command;
        }
    }

    private void Operand(CommandNode command, int index, Node? piped)
    {
        switch (command.Operands[index])
        {
            case FunctionNode { Function: var function } node when function.TakesSecretPath:
                Node?[] arguments = index > 0 ? [] : [.. command.Operands.Skip(1), .. piped is null ? Array.Empty<Node>() : [piped]];
                Need(node, function.Name, arguments);
                break;
            case PipeNode pipe:
                Pipe(pipe);
                break;
            case ChainNode { Operand: PipeNode pipe }:
                Pipe(pipe);
                break;
            case ChainNode { Operand: FunctionNode { Function: { TakesSecretPath: true } function } node }:
                Need(node, function.Name, []);
                break;
        }
    }

    private void Need(FunctionNode node, string function, Node?[] arguments)
    {
        if (arguments.Length == 0)
            throw Error(node, $"{function} needs the path of a secret: {function} \"kv/shop/orders\"");
        if (arguments.Length > 1)
            throw Error(node, $"{function} takes a path only; what is issued, and how, is set up at the broker");
        if (arguments[0] is not ConstantNode { Value: TextValue path })
        {
            throw Error(node, $"{function} needs its path as a string constant: the agent asks for all secrets of a template before it "
                + "renders it, so a path cannot be computed");
        }

        if (!IsPath(path.Span))
        {
            throw Error(node, $"a secret's path has 1 to {MaxPathBytes} characters: letters, digits, '.', '_' and '-' in segments "
                + "separated by '/'");
        }

        var need = new SecretNeed(Encoding.ASCII.GetString(path.Span), null);
        if (!_needs.Contains(need))
            _needs.Add(need);
    }

    private static bool IsPath(ReadOnlySpan<byte> path)
    {
        if (path.Length is 0 or > MaxPathBytes || path[0] == '/' || path[^1] == '/' || path.IndexOf("//"u8) >= 0)
            return false;
        foreach (var c in path)
        {
            if (!char.IsAsciiLetterOrDigit((char)c) && c is not ((byte)'.' or (byte)'_' or (byte)'-' or (byte)'/'))
                return false;
        }

        return true;
    }

    private TemplateException Error(FunctionNode node, string problem) => _source.Error(node.Span.Start, node.Span, problem);
}
