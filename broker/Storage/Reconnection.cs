using System.Security.Cryptography;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Storage;

/// <summary>Finds a writer whose connection is lost another session, however long that takes.</summary>
internal sealed partial class Reconnection(Store store, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <returns>False: it was told to stop before.</returns>
    /// <exception cref="CannotStartException">The database is not this broker's any more.</exception>
    public async Task<bool> RunAsync(Writer writer, CancellationToken stop)
    {
        LogLost(store.Name, ForeignText.Clean(writer.Loss!.Message));
        var said = "";
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                if (attempt > 0)
                    await Task.Delay(Delay(attempt, RandomNumberGenerator.GetInt32(1000) / 1000.0), clock, stop);
                await writer.GoOnAsync(await store.OpenWriterAsync(stop));
                LogBack(store.Name);
                return true;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return false;
            }
            catch (StorageUnavailableException e)
            {
                // Once for each thing that is wrong, not for each attempt.
                if (e.Message != said)
                    LogStillAway(ForeignText.Clean(e.Message));
                said = e.Message;
            }
        }
    }

    /// <param name="attempt">Attempts that failed, at least 1.</param>
    /// <param name="random">Evenly distributed in [0, 1).</param>
    /// <returns>Doubling from 100 ms to 5 s, of which between half and all.</returns>
    public static TimeSpan Delay(int attempt, double random)
    {
        var ceiling = Shortest * Math.Pow(2, Math.Clamp(attempt - 1, 0, 10));
        return (ceiling > Longest ? Longest : ceiling) * (0.5 + (0.5 * random));
    }

    [LoggerMessage(LogLevel.Error, "The connection to the database {Name} is lost: {Problem}. Nothing is written until there is another.")]
    private partial void LogLost(string name, string problem);

    [LoggerMessage(LogLevel.Warning, "No connection to the database yet: {Problem} The broker goes on trying.")]
    private partial void LogStillAway(string problem);

    [LoggerMessage(LogLevel.Information, "The database {Name} is there again.")]
    private partial void LogBack(string name);
}
