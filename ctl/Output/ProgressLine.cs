using System.Globalization;

namespace SidecarAgent.Ctl.Output;

/// <summary>
/// How far something has got: on a terminal one line that is written over, elsewhere a line now and then. Written where
/// warnings go, so that a pipe holds the answer alone.
/// </summary>
internal sealed class ProgressLine(Surroundings surroundings, TextWriter output)
{
    private const int BarWidth = 30;
    private const int NarrowestBar = 5;

    /// <summary>The brackets, a space, and the last column, after which terminals wrap.</summary>
    private const int Frame = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>Of the terminal; what is wider would begin a new line each time. Null: lines are written.</summary>
    private readonly int? _width =
        surroundings.ErrorIsTerminal && surroundings.Variable("TERM") is not "dumb" ? surroundings.TerminalWidth : null;

    private long? _shown;
    private string? _written;
    private bool _begun;

    /// <param name="done">How many.</param>
    /// <param name="total">Of how many.</param>
    /// <param name="note">What else is worth knowing.</param>
    public async Task ShowAsync(ulong done, ulong total, string note)
    {
        var share = total == 0 ? 1 : (double)done / total;
        var text = string.Create(CultureInfo.InvariantCulture, $"{done}/{total} ({share:0%}), {Printable.Line(note)}");
        if (_width is { } width)
        {
            var bar = Math.Min(BarWidth, width - text.Length - Frame);
            var filled = (int)(share * Math.Max(bar, 0));
            var line = bar < NarrowestBar ? text : $"[{new string('#', filled)}{new string('.', bar - filled)}] {text}";
            await output.WriteAsync($"\r{line.PadRight(width - 1)}");
            _begun = true;
        }
        else if (text != _written && (_shown is not { } last || done == total || surroundings.Time.GetElapsedTime(last) >= Pause))
        {
            await output.WriteLineAsync(text);
            (_shown, _written) = (surroundings.Time.GetTimestamp(), text);
        }
    }

    /// <summary>What is written next begins on a line of its own.</summary>
    public async Task EndAsync()
    {
        if (_begun)
            await output.WriteLineAsync();
    }
}
