using System.Globalization;

namespace SidecarAgent.Ctl.Output;

/// <summary>
/// How far something has got: on a terminal one line that is written over, elsewhere a line now and then. Written where
/// warnings go, so that a pipe holds the answer alone.
/// </summary>
internal sealed class ProgressLine(Surroundings surroundings, TextWriter output)
{
    private const int BarWidth = 30;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly bool _overwrite =
        surroundings.TerminalWidth is not null && surroundings.Variable("TERM") is not "dumb";

    private long? _shown;
    private bool _begun;

    /// <param name="done">How many.</param>
    /// <param name="total">Of how many.</param>
    /// <param name="note">What else is worth knowing.</param>
    public async Task ShowAsync(ulong done, ulong total, string note)
    {
        var share = total == 0 ? 1 : (double)done / total;
        var text = string.Create(CultureInfo.InvariantCulture, $"{done}/{total} ({share:0%}), {Printable.Line(note)}");
        if (_overwrite)
        {
            var filled = (int)(share * BarWidth);
            await output.WriteAsync($"\r[{new string('#', filled)}{new string('.', BarWidth - filled)}] {text}  ");
            _begun = true;
        }
        else if (_shown is not { } last || done == total || surroundings.Time.GetElapsedTime(last) >= Pause)
        {
            await output.WriteLineAsync(text);
            _shown = surroundings.Time.GetTimestamp();
        }
    }

    /// <summary>What is written next begins on a line of its own.</summary>
    public async Task EndAsync()
    {
        if (_begun)
            await output.WriteLineAsync();
    }
}
