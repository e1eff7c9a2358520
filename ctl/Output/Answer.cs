using System.Text.Json.Nodes;

namespace SidecarAgent.Ctl.Output;

/// <summary>What a command has to say: the document for programs; for people the lines, then the table.</summary>
internal sealed record Answer(JsonNode Document)
{
    /// <summary>Sentences, each on a line of its own.</summary>
    public IReadOnlyList<string> Lines { get; init; } = [];

    public Table? Table { get; init; }

    /// <summary>For an answer that is bad news: the sentence for standard error, and the program ends with "failed".</summary>
    public string? Failure { get; init; }
}

/// <summary>Rows of text for people. Cells may hold foreign text: writing makes it harmless.</summary>
/// <param name="WhenEmpty">The sentence that stands in for a table without rows.</param>
/// <param name="Columns">Headings.</param>
/// <param name="Rows">As many cells as there are columns.</param>
internal sealed record Table(
    string WhenEmpty, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);
