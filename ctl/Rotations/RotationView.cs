using Grpc.Core;
using SidecarAgent.Ctl.Output;
using SidecarAgent.V1;
using Spectre.Console;

namespace SidecarAgent.Ctl.Rotations;

/// <summary>Follows a rotation: a bar on a terminal, else a line when there is something new, at most one a second.</summary>
/// <param name="surroundings">Whether there is a terminal.</param>
/// <param name="output">Where to write; null: nowhere, because only the end is wanted.</param>
internal sealed class RotationView(Surroundings surroundings, TextWriter? output)
{
    private static readonly TimeSpan LinePause = TimeSpan.FromSeconds(1);

    /// <returns>How it stands when it is over, or held.</returns>
    public async Task<Rotation> FollowAsync(
        BrokerAdmin.BrokerAdminClient broker, string path, CancellationToken cancellationToken)
    {
        using var watch = broker.WatchRotation(new WatchRotationRequest { Path = path }, cancellationToken: cancellationToken);
        var news = watch.ResponseStream.ReadAllAsync(cancellationToken);
        return output is not null && surroundings.TerminalWidth is { } width && surroundings.Variable("TERM") is not "dumb"
            ? await ShowBarAsync(news, output, width)
            : await WriteLinesAsync(news);
    }

    private async Task<Rotation> WriteLinesAsync(IAsyncEnumerable<WatchRotationResponse> news)
    {
        Rotation? last = null;
        var written = (State: Rotation.Types.State.Unspecified, At: surroundings.Time.GetTimestamp());
        await foreach (var response in news)
        {
            last = response.Rotation;
            if (IsEnd(last))
                return last;
            if (output is null || (last.State == written.State && surroundings.Time.GetElapsedTime(written.At) < LinePause))
                continue;
            await output.WriteLineAsync(Printable.Line(RotationWords.Progress(last)));
            written = (last.State, surroundings.Time.GetTimestamp());
        }

        return Last(last);
    }

    private async Task<Rotation> ShowBarAsync(IAsyncEnumerable<WatchRotationResponse> news, TextWriter terminal, int width)
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
        Rotation? last = null;
        await console.Progress().AutoRefresh(false).AutoClear(true).HideCompleted(false)
            .Columns(new ProgressBarColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(async progress =>
            {
                var bar = progress.AddTask("preparing", autoStart: true, maxValue: 1);
                await foreach (var response in news)
                {
                    last = response.Rotation;
                    bar.Description = Markup.Escape(Printable.Line(RotationWords.Progress(last)));
                    bar.Value = Share(last);
                    progress.Refresh();
                    if (IsEnd(last))
                        break;
                }
            });
        return Last(last);
    }

    private static bool IsEnd(Rotation rotation) => RotationWords.IsOver(rotation) || rotation.State == Rotation.Types.State.Held;

    /// <summary>How many of those who matter have got there, from 0 to 1.</summary>
    private static double Share(Rotation rotation) =>
        RotationWords.IsOver(rotation) || rotation.State == Rotation.Types.State.Revoking ? 1
        : rotation.State == Rotation.Types.State.Preparing ? 0
        : rotation.Holders == 0 ? 1
        : 1 - ((double)rotation.Behind / rotation.Holders);

    private static Rotation Last(Rotation? last) =>
        last ?? throw CommandFailedException.Failed("the broker has said nothing about the rotation");
}
