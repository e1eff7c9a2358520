using Spectre.Console;

namespace SidecarAgent.Ctl.Output;

/// <summary>A table for a terminal: wraps long cells to its width.</summary>
internal static class TerminalTable
{
    public static void Write(Table table, TextWriter output, int width, bool colours)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = colours ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = width;

        var grid = new Spectre.Console.Table { Border = TableBorder.Simple };
        foreach (var column in table.Columns)
            grid.AddColumn(new TableColumn(new Text(column, new Style(decoration: Decoration.Bold))));
        foreach (var row in table.Rows)
            grid.AddRow(row.Select(cell => new Text(Printable.Line(cell))));
        console.Write(grid);
    }
}
