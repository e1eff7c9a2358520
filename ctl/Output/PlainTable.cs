using System.Text;

namespace SidecarAgent.Ctl.Output;

/// <summary>A table for pipes and files: columns by spaces, one row a line, no escape sequences.</summary>
internal static class PlainTable
{
    private const string Gap = "  ";

    public static async Task WriteAsync(Table table, TextWriter output)
    {
        var lines = table.Rows.Prepend(table.Columns)
            .Select(row => row.Select(cell => Printable.Line(cell)).ToArray())
            .ToArray();
        var widths = table.Columns.Select((_, column) => lines.Max(line => line[column].Length)).ToArray();
        foreach (var line in lines)
        {
            var text = new StringBuilder();
            for (var column = 0; column < line.Length; column++)
                text.Append(line[column].PadRight(widths[column])).Append(Gap);
            await output.WriteLineAsync(text.ToString().TrimEnd());
        }
    }
}
