using Spectre.Console;

namespace SidecarAgent.Ctl.Output;

/// <summary>
/// Follows something that gets on: a bar on a terminal, else a line when its stage has changed, or at most one a second.
/// </summary>
/// <param name="surroundings">Whether there is a terminal.</param>
/// <param name="output">Where to write; null: nowhere, because only the end is wanted.</param>
/// <param name="words">How far it has got, in one line.</param>
/// <param name="share">The same, from 0 to 1.</param>
/// <param name="stage">A change of it is written at once.</param>
/// <param name="isEnd">Nothing more is to be waited for.</param>
internal sealed class ProgressView<T>(
    Surroundings surroundings, TextWriter? output, Func<T, string> words, Func<T, double> share, Func<T, object> stage,
    Func<T, bool> isEnd)
    where T : class
{
    private static readonly TimeSpan LinePause = TimeSpan.FromSeconds(1);

    /// <returns>The last that was said; null: nothing was.</returns>
    public Task<T?> FollowAsync(IAsyncEnumerable<T> news) =>
        output is not null && surroundings.TerminalWidth is { } width && surroundings.Variable("TERM") is not "dumb"
            ? ShowBarAsync(news, output, width)
            : WriteLinesAsync(news);

    private async Task<T?> WriteLinesAsync(IAsyncEnumerable<T> news)
    {
        T? last = null;
        object? writtenStage = null;
        var writtenAt = surroundings.Time.GetTimestamp();
        await foreach (var one in news)
        {
            last = one;
            if (isEnd(one))
                return one;
            if (output is null || (stage(one).Equals(writtenStage) && surroundings.Time.GetElapsedTime(writtenAt) < LinePause))
                continue;
            await output.WriteLineAsync(Printable.Line(words(one)));
            (writtenStage, writtenAt) = (stage(one), surroundings.Time.GetTimestamp());
        }

        return last;
    }

    private async Task<T?> ShowBarAsync(IAsyncEnumerable<T> news, TextWriter terminal, int width)
    {
        var colours = string.IsNullOrEmpty(surroundings.Variable("NO_COLOR"));
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = colours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(terminal),
        });
        console.Profile.Width = width;
        T? last = null;
        await console.Progress().AutoRefresh(false).AutoClear(true).HideCompleted(false)
            .Columns(new ProgressBarColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(async progress =>
            {
                var bar = progress.AddTask("begun", autoStart: true, maxValue: 1);
                await foreach (var one in news)
                {
                    last = one;
                    bar.Description = Markup.Escape(Printable.Line(words(one)));
                    bar.Value = share(one);
                    progress.Refresh();
                    if (isEnd(one))
                        break;
                }
            });
        return last;
    }
}
