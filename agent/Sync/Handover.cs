using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Files;
using SidecarAgent.Agent.Reload;

namespace SidecarAgent.Agent.Sync;

/// <summary>
/// What follows a generation: tell the application, then the broker, then let the generation before it go. None of it
/// holds up the next generation.
/// </summary>
internal sealed partial class Handover(
    Notifier notifier, Acknowledger acknowledger, Projection projection, TimeProvider time, ILogger<Handover> log)
{
    /// <summary>Slow readers may have opened a file of the generation before just as it was replaced.</summary>
    public static readonly TimeSpan SupersededStayFor = TimeSpan.FromSeconds(30);

    /// <summary>The acknowledgement waits so long for the application to be told; a failing target does not hold up a rotation.</summary>
    private static readonly TimeSpan LongestTelling = TimeSpan.FromSeconds(5);

    private readonly Channel<bool> _sweep = Channel.CreateBounded<bool>(1);
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Returns at once; what goes wrong later comes out of <see cref="FailureAsync"/>.</summary>
    public void Post(Applied applied, CancellationToken cancellationToken)
    {
        _ = RunAsync(applied, cancellationToken);
        if (applied.Written is not null)
            _sweep.Writer.TryWrite(true);
    }

    /// <summary>Throws what should never happen in what was posted. Until cancelled.</summary>
    public Task FailureAsync(CancellationToken cancellationToken) => _failed.Task.WaitAsync(cancellationToken);

    /// <summary>Removes superseded generations in time, and gives back the memory that they took. Until cancelled.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        // An earlier process may have left some behind.
        _sweep.Writer.TryWrite(true);
        while (true)
        {
            await _sweep.Reader.ReadAsync(cancellationToken);
            do
            {
                await Task.Delay(SupersededStayFor, time, cancellationToken);
            }
            while (!acknowledger.IsDone);

            Sweep();
            MemoryTrim.Run();
        }
    }

    private void Sweep()
    {
        try
        {
            projection.RemoveSuperseded(SupersededStayFor);
        }
        catch (MountException error)
        {
            // The next generation tries again; what stays behind takes room and does no harm.
            LogNotRemoved(log, error.Message);
        }
    }

    private async Task RunAsync(Applied applied, CancellationToken cancellationToken)
    {
        try
        {
            if (applied.Tell.Count > 0)
            {
                await TellAsync(applied, cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                NoteTold(applied.Written);
            }

            acknowledger.Post(applied.Acknowledge);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The agent ends: whoever was not told is told when it starts again.
        }
        catch (Exception error)
        {
            _failed.TrySetException(error);
        }
    }

    private async Task TellAsync(Applied applied, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var told = notifier.TellAsync(applied.Tell, cancellationToken);
        await Task.WhenAny(told, Task.Delay(LongestTelling, time, over.Token));
        await over.CancelAsync();
        if (told.IsCompleted)
            await told;
    }

    /// <summary>An agent that starts again need not tell them once more.</summary>
    private void NoteTold(Generation? written)
    {
        try
        {
            byte[] present;
            Manifest? manifest;
            do
            {
                present = projection.ReadManifest();
                manifest = Manifest.Parse(present);
                // A later generation has somebody else to tell.
                if (manifest is not { Told: false } || projection.Current != written)
                    return;
            }
            while (!projection.ReplaceManifest(present, (manifest with { Told = true }).ToJson()));
        }
        catch (MountException)
        {
            // Then they are told once more after a restart.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A generation that nobody needs any longer could not be removed: {Problem}")]
    private static partial void LogNotRemoved(ILogger log, string problem);
}
