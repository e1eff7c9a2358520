using System.Text.Encodings.Web;
using System.Text.Json;
using SidecarAgent.Yaml;

namespace SidecarAgent.Ctl.Output;

/// <summary>Writes an answer in the form that was asked for.</summary>
internal static class AnswerWriter
{
    // Not for HTML: a '+' or '&' in a value stays readable. Control characters are escaped all the same.
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static async Task WriteAsync(
        Answer answer, OutputFormat format, Surroundings surroundings, TextWriter output, TextWriter error)
    {
        switch (format)
        {
            case OutputFormat.Json:
                await output.WriteLineAsync(answer.Document.ToJsonString(Json));
                break;
            case OutputFormat.Yaml:
                await output.WriteAsync(YamlWriter.Write(answer.Document));
                break;
            default:
                await WriteForPeopleAsync(answer, surroundings, output, error);
                break;
        }
    }

    private static async Task WriteForPeopleAsync(
        Answer answer, Surroundings surroundings, TextWriter output, TextWriter error)
    {
        foreach (var line in answer.Lines)
            await output.WriteLineAsync(Printable.Line(line));
        if (answer.Table is not { } table)
            return;

        // An empty table is an answer for people only: what counts lines in a pipe should count none.
        if (table.Rows.Count == 0)
            await error.WriteLineAsync(table.WhenEmpty);
        else if (surroundings.TerminalWidth is { } width && surroundings.Variable("TERM") is not "dumb")
            TerminalTable.Write(table, output, width, colours: string.IsNullOrEmpty(surroundings.Variable("NO_COLOR")));
        else
            await PlainTable.WriteAsync(table, output);
    }
}
