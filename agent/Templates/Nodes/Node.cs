using SidecarAgent.Agent.Templates.Parsing;

namespace SidecarAgent.Agent.Templates.Nodes;

/// <summary>A part of a compiled template.</summary>
internal abstract class Node(Span span)
{
    /// <summary>Where it stands, for error messages.</summary>
    public Span Span { get; } = span;
}
