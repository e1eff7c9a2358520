using System.Text;

namespace SidecarAgent.Ctl;

/// <summary>Reads a line from the terminal without showing what is typed.</summary>
internal static class HiddenLine
{
    public static string Read(string prompt)
    {
        // Standard error, so that the prompt is seen when standard output goes to a file.
        Console.Error.Write(prompt);
        var line = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
                line.Length = Math.Max(0, line.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                line.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return line.ToString();
    }
}
