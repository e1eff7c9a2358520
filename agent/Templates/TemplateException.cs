namespace SidecarAgent.Agent.Templates;

/// <summary>A template is not one. The message names it, the place, the action, and what was expected.</summary>
internal sealed class TemplateException : Exception
{
    public TemplateException(string template, int line, int column, string action, string problem)
        : base($"{template}:{line}:{column}: {(action.Length == 0 ? "" : $"in {action}: ")}{problem}") =>
        (Template, Line, Column, Action) = (template, line, column, action);

    /// <summary>The file that the template makes, as the configuration calls it.</summary>
    public string Template { get; }

    /// <summary>Counts from 1.</summary>
    public int Line { get; }

    /// <summary>Counts characters from 1.</summary>
    public int Column { get; }

    /// <summary>The action as it stands in the template, shortened; empty outside of one.</summary>
    public string Action { get; }
}
