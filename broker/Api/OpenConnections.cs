using Microsoft.AspNetCore.Connections;
using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Api;

/// <summary>
/// Lets only so many connections to a listener be open, whoever they are from: nobody has proved anything when one is made,
/// each costs memory, and one that is kept alive costs it for as long as somebody likes. Operators at the socket are not
/// counted.
/// </summary>
/// <param name="most">How many.</param>
/// <param name="advice">What is logged with it when they are.</param>
/// <param name="clock">The time.</param>
/// <param name="logger">Hears of it once a minute.</param>
internal sealed partial class OpenConnections(int most, string advice, TimeProvider clock, ILogger<OpenConnections> logger)
{
    /// <summary>Prometheus and the probes of the kubelet keep theirs; who reads a revocation list comes and goes.</summary>
    public const int MostForMetrics = 1024;

    private static readonly TimeSpan SaidAgain = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private int _open;
    private long _turnedAway;
    private long? _saidAt;

    public static OpenConnections OverTls(LimitOptions limits, TimeProvider clock, ILogger<OpenConnections> logger) =>
        new(limits.Connections, "If there are so many pods, raise limits.connections; else find out who connects.", clock, logger);

    public static OpenConnections ForMetrics(TimeProvider clock, ILogger<OpenConnections> logger) =>
        new(MostForMetrics, "They came for metrics, health or revocation lists; find out who connects.", clock, logger);

    /// <summary>What runs before anything is read from a connection.</summary>
    public async Task CountAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        try
        {
            if (Interlocked.Increment(ref _open) <= most)
                await next(connection);
            else
                TurnAway();
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private void TurnAway()
    {
        long turnedAway;
        lock (_lock)
        {
            _turnedAway++;
            if (_saidAt is { } last && clock.GetElapsedTime(last) < SaidAgain)
                return;
            _saidAt = clock.GetTimestamp();
            turnedAway = _turnedAway;
        }

        LogTooMany(most, turnedAway, advice);
    }

    [LoggerMessage(LogLevel.Warning, "{Connections} connections are open, and no more are taken; {TurnedAway} were turned away by now. {Advice}")]
    private partial void LogTooMany(int connections, long turnedAway, string advice);
}
