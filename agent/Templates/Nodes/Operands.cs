using SidecarAgent.Agent.Templates.Functions;
using SidecarAgent.Agent.Templates.Parsing;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Nodes;

/// <summary>Commands of which each gets the value of the one before as its last argument.</summary>
internal sealed class PipeNode(Span span, IReadOnlyList<string> variables, bool isAssignment, IReadOnlyList<CommandNode> commands)
    : Node(span)
{
    /// <summary>With their dollar signs; two only in a range.</summary>
    public IReadOnlyList<string> Variables { get; } = variables;

    /// <summary>= instead of :=</summary>
    public bool IsAssignment { get; } = isAssignment;

    public IReadOnlyList<CommandNode> Commands { get; } = commands;
}

/// <summary>An operand, and the arguments that it is called with.</summary>
internal sealed class CommandNode(Span span, IReadOnlyList<Node> operands) : Node(span)
{
    /// <summary>The first is what is called or evaluated.</summary>
    public IReadOnlyList<Node> Operands { get; } = operands;
}

/// <summary>A number, string or truth value as written.</summary>
internal sealed class ConstantNode(Span span, Value value) : Node(span)
{
    public Value Value { get; } = value;
}

internal sealed class NilNode(Span span) : Node(span);

internal sealed class DotNode(Span span) : Node(span);

/// <summary>.a.b: fields of dot.</summary>
internal sealed class FieldNode(Span span, IReadOnlyList<string> fields) : Node(span)
{
    public IReadOnlyList<string> Fields { get; } = fields;
}

/// <summary>$x or $x.a.b</summary>
internal sealed class VariableNode(Span span, string name, IReadOnlyList<string> fields) : Node(span)
{
    public string Name { get; } = name;

    public IReadOnlyList<string> Fields { get; } = fields;
}

/// <summary>(pipeline).a.b, or function.a.b</summary>
internal sealed class ChainNode(Span span, Node operand, IReadOnlyList<string> fields) : Node(span)
{
    public Node Operand { get; } = operand;

    public IReadOnlyList<string> Fields { get; } = fields;
}

/// <summary>The name of a function, which is called also where it has no arguments.</summary>
internal sealed class FunctionNode(Span span, Function function) : Node(span)
{
    public Function Function { get; } = function;
}
