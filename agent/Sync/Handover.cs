using System.Threading.Channels;
using SidecarAgent.Agent.Files;
using SidecarAgent.Agent.Reload;

namespace SidecarAgent.Agent.Sync;

/// <summary>
/// What follows a generation: tell the application, then the broker, then let the generation before it go. None of it
/// holds up the next generation.
/// </summary>
internal sealed class Handover(Notifier notifier, Acknowledger acknowledger, Projection projection, TimeProvider time)
{
    /// <summary>Slow readers may have opened a file of the generation before just as it was replaced.</summary>
    public static readonly TimeSpan SupersededStayFor = TimeSpan.FromSeconds(30);

    /// <summary>The acknowledgement waits so long for the application to be told; a failing target does not hold up a rotation.</summary>
    private static readonly TimeSpan LongestTelling = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];
    private readonly Channel<bool> _sweep = Channel.CreateBounded<bool>(1);

    public void Post(Applied applied, CancellationToken cancellationToken)
    {
        var task = RunAsync(applied, cancellationToken);
        lock (_lock)
        {
            _running.RemoveWhere(done => done.IsCompleted);
            _running.Add(task);
            if (applied.Written is not null)
                _sweep.Writer.TryWrite(true);
        }
    }

    /// <summary>Removes superseded generations in time, and gives back the memory that they took. Until cancelled.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _sweep.Reader.ReadAsync(cancellationToken);
            do
            {
                await Task.Delay(SupersededStayFor, time, cancellationToken);
            }
            while (!acknowledger.IsDone);

            projection.RemoveSuperseded(SupersededStayFor);
            MemoryTrim.Run();
        }
    }

    private async Task RunAsync(Applied applied, CancellationToken cancellationToken)
    {
        if (applied.Tell.Count > 0)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var told = notifier.TellAsync(applied.Tell, cancellationToken);
            await Task.WhenAny(told, Task.Delay(LongestTelling, time, over.Token));
            await over.CancelAsync();
        }

        acknowledger.Post(applied.Acknowledge);
    }
}
