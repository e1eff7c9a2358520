namespace SidecarAgent.Agent.Rendering;

/// <summary>
/// A file could not be made of the secrets at hand. The message is one sentence that names the file, the place in its
/// template if it has one, and what was expected; never a value of a secret.
/// </summary>
internal sealed class RenderException : Exception
{
    public RenderException(string file, string problem)
        : base($"{file}: {problem}") => File = file;

    public RenderException(string file, int line, int column, string problem)
        : base($"{file}:{line}:{column}: {problem}") => (File, Line, Column) = (file, line, column);

    /// <summary>The file as the configuration calls it, or the template defined in it.</summary>
    public string File { get; }

    /// <summary>Counts from 1; 0 without a template.</summary>
    public int Line { get; }

    /// <summary>Counts characters from 1; 0 without a template.</summary>
    public int Column { get; }
}
