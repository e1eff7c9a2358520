using SidecarAgent.Agent.Templates.Parsing;

namespace SidecarAgent.Agent.Templates.Nodes;

/// <summary>Statements that follow each other.</summary>
internal sealed class ListNode(Span span, IReadOnlyList<Node> items) : Node(span)
{
    public IReadOnlyList<Node> Items { get; } = items;
}

/// <summary>Bytes that are copied to the output.</summary>
internal sealed class TextNode(Span span, byte[] utf8) : Node(span)
{
    public ReadOnlySpan<byte> Utf8 => utf8;
}

/// <summary>A pipeline whose value is printed, unless it declares or assigns variables.</summary>
internal sealed class ActionNode(Span span, PipeNode pipe) : Node(span)
{
    public PipeNode Pipe { get; } = pipe;
}

/// <summary>What if, with and range have in common.</summary>
internal abstract class BranchNode(Span span, PipeNode pipe, ListNode body, ListNode? otherwise) : Node(span)
{
    public PipeNode Pipe { get; } = pipe;

    public ListNode Body { get; } = body;

    /// <summary>The part behind else, if there is one; for "else if" a list of just that.</summary>
    public ListNode? Otherwise { get; } = otherwise;
}

internal sealed class IfNode(Span span, PipeNode pipe, ListNode body, ListNode? otherwise)
    : BranchNode(span, pipe, body, otherwise);

internal sealed class WithNode(Span span, PipeNode pipe, ListNode body, ListNode? otherwise)
    : BranchNode(span, pipe, body, otherwise);

internal sealed class RangeNode(Span span, PipeNode pipe, ListNode body, ListNode? otherwise)
    : BranchNode(span, pipe, body, otherwise);

/// <summary>Ends the innermost range.</summary>
internal sealed class BreakNode(Span span) : Node(span);

/// <summary>Ends this round of the innermost range.</summary>
internal sealed class ContinueNode(Span span) : Node(span);

/// <summary>Runs another template with a dot of its own.</summary>
internal sealed class TemplateNode(Span span, string name, PipeNode? pipe) : Node(span)
{
    public string Name { get; } = name;

    /// <summary>The other template's dot; null: no value.</summary>
    public PipeNode? Pipe { get; } = pipe;
}
