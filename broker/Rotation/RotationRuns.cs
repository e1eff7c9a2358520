using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Rotation;

/// <summary>All rotations that are under way, each carried on by a run of its own, so that none waits for another.</summary>
internal sealed class RotationRuns(
    Database database, RotationSteps steps, TimeProvider clock, IHostApplicationLifetime lifetime,
    ILogger<RotationRun> logger)
{
    private static readonly TimeSpan RetryRead = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<SecretPath, (RotationRun Run, Task Running)> _runs = [];

    /// <summary>Takes up what an earlier life of the broker has left, and ends when all have been stopped.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var path in await OpenPathsAsync(cancellationToken))
            Begin(path);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellationToken);
        }
        finally
        {
            Task[] running;
            lock (_lock)
                running = [.. _runs.Values.Select(entry => entry.Running)];
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A rotation of the path is open: it is carried on from here.</summary>
    public void Begin(SecretPath path)
    {
        lock (_lock)
        {
            if (_runs.TryGetValue(path, out var entry))
            {
                entry.Run.Wake();
                return;
            }

            var run = new RotationRun(path, steps, clock, logger);
            var stopping = lifetime.ApplicationStopping;
            _runs.Add(path, (run, Task.Run(() => run.RunAsync(isQuiet => End(path, isQuiet), stopping), stopping)));
        }
    }

    /// <summary>A holder of the path has said something, or has ended.</summary>
    public void Wake(SecretPath path)
    {
        lock (_lock)
        {
            if (_runs.TryGetValue(path, out var entry))
                entry.Run.Wake();
        }
    }

    private bool End(SecretPath path, Func<bool> isQuiet)
    {
        lock (_lock)
            return isQuiet() && _runs.Remove(path);
    }

    private async Task<IReadOnlyList<SecretPath>> OpenPathsAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await database.ReadAsync(s => RotationTable.OpenPathsAsync(s, cancellationToken), cancellationToken);
            }
            catch (StorageUnavailableException)
            {
                await Task.Delay(RetryRead, clock, cancellationToken);
            }
        }
    }
}
