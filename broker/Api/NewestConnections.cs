using Microsoft.AspNetCore.Connections;

namespace SidecarAgent.Broker.Api;

/// <summary>
/// Keeps so many connections to the port of metrics and health, and lets go of the oldest for the next one. Whoever opens
/// them without end takes only so much memory, and cannot keep out the kubelet, whose probes come over new ones.
/// </summary>
internal sealed class NewestConnections
{
    /// <summary>Prometheus keeps one; probes and readers of revocation lists come and go.</summary>
    public const int Most = 1024;

    private readonly Lock _lock = new();
    private readonly LinkedList<ConnectionContext> _oldestFirst = new();

    /// <summary>What runs before anything is read from a connection.</summary>
    public async Task KeepAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        LinkedListNode<ConnectionContext> place;
        ConnectionContext? oldest = null;
        lock (_lock)
        {
            place = _oldestFirst.AddLast(connection);
            if (_oldestFirst.Count > Most)
            {
                oldest = _oldestFirst.First!.Value;
                _oldestFirst.RemoveFirst();
            }
        }

        oldest?.Abort(new ConnectionAbortedException("newer ones need its place"));
        try
        {
            await next(connection);
        }
        finally
        {
            lock (_lock)
            {
                if (place.List is not null)
                    _oldestFirst.Remove(place);
            }
        }
    }
}
