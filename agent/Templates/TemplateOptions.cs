namespace SidecarAgent.Agent.Templates;

/// <summary>How a template is read and run.</summary>
internal sealed record TemplateOptions
{
    public static readonly TemplateOptions Default = new();

    /// <summary>What opens an action.</summary>
    public string LeftDelimiter { get; init; } = "{{";

    /// <summary>What closes an action.</summary>
    public string RightDelimiter { get; init; } = "}}";

    public MissingKey MissingKey { get; init; }
}
