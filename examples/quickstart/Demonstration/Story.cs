using System.Text;

namespace SidecarAgent.Quickstart.Demonstration;

/// <summary>What the demo tells: numbered steps, and under each what happened. It remembers its own words.</summary>
internal sealed class Story(TextWriter output)
{
    private readonly Lock _lock = new();
    private readonly StringBuilder _told = new();
    private int _steps;

    /// <summary>Everything that was said so far.</summary>
    public string Told
    {
        get
        {
            lock (_lock)
                return _told.ToString();
        }
    }

    public void Step(string title) => Write($"\n{++_steps,2}. {title}");

    /// <summary>Each line of it, under the step.</summary>
    public void Say(string text)
    {
        foreach (var line in text.TrimEnd().Split('\n'))
            Write("    " + line);
    }

    private void Write(string line)
    {
        lock (_lock)
        {
            _told.AppendLine(line);
            output.WriteLine(line);
        }
    }
}
