using Microsoft.AspNetCore.Connections;
using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Api;

/// <summary>
/// Lets only so many connections over TLS be open, whoever they are from: nobody has proved anything when one is made, each
/// costs memory, and one that is kept alive costs it for as long as somebody likes. Operators at the socket are not counted.
/// </summary>
internal sealed partial class OpenConnections(LimitOptions limits, TimeProvider clock, ILogger<OpenConnections> logger)
{
    private static readonly TimeSpan SaidAgain = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private int _open;
    private long _turnedAway;
    private long? _saidAt;

    /// <summary>What runs before anything is read from a connection.</summary>
    public async Task CountAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        try
        {
            if (Interlocked.Increment(ref _open) <= limits.Connections)
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

        LogTooMany(limits.Connections, turnedAway);
    }

    [LoggerMessage(LogLevel.Warning, "{Connections} connections are open, and no more are taken; {TurnedAway} were turned away by now. If there are so many pods, raise limits.connections; else find out who connects.")]
    private partial void LogTooMany(int connections, long turnedAway);
}
