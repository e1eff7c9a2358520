namespace SidecarAgent.Agent.Templates.Parsing;

/// <summary>A part of a template's text, in UTF-16 units; <paramref name="End"/> is behind the last.</summary>
internal readonly record struct Span(int Start, int End);

/// <summary>The text of a template, for reading it and for saying where something is wrong.</summary>
internal sealed class Source(string name, string text)
{
    private const int ExcerptCharacters = 60;

    /// <summary>The file that the template makes.</summary>
    public string Name { get; } = name;

    public string Text { get; } = text;

    /// <summary>Both count from 1; the column counts characters, not bytes.</summary>
    public (int Line, int Column) Position(int offset)
    {
        var before = Text.AsSpan(0, Math.Min(offset, Text.Length));
        return (before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'));
    }

    /// <summary>What stands there, on one line and shortened.</summary>
    public string Excerpt(Span span)
    {
        var text = Text.AsSpan(span.Start, Math.Min(span.End, Text.Length) - span.Start).Trim();
        var excerpt = text.Length > ExcerptCharacters ? string.Concat(text[..ExcerptCharacters], "...") : text.ToString();
        return string.Create(excerpt.Length, excerpt, static (result, from) =>
        {
            for (var i = 0; i < result.Length; i++)
                result[i] = char.IsControl(from[i]) ? ' ' : from[i];
        });
    }

    /// <param name="offset">Where it went wrong.</param>
    /// <param name="action">The action around it; empty outside of one.</param>
    /// <param name="problem">What was expected.</param>
    public TemplateException Error(int offset, Span action, string problem)
    {
        var (line, column) = Position(offset);
        return new TemplateException(Name, line, column, Excerpt(action), problem);
    }
}
