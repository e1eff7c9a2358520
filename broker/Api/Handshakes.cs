using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace SidecarAgent.Broker.Api;

/// <summary>
/// Lets so many TLS handshakes run at a time, and turns away early who would wait for longer than clients do. Without it
/// thousands that connect at the same moment, as after a crash, share the processor: all are finished late, all have given
/// up by then, and all come again.
/// </summary>
internal sealed class Handshakes : IDisposable
{
    /// <summary>Enough to keep a few cores busy while clients answer.</summary>
    public const int AtATime = 64;

    /// <summary>Who says nothing for so long after it has connected is cut off, as Kestrel does it in a handshake.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    /// <summary>How long to wait for a turn. The agent gives up after 10 s, and the handshake takes time, too.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private readonly SemaphoreSlim _free = new(AtATime);

    /// <summary>What runs before TLS.</summary>
    public async Task BeginAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        // Who has said nothing yet takes no turn.
        if (!await SpeaksAsync(connection) || !await _free.WaitAsync(Patience))
            return;
        using var turn = new HandshakeTurn(_free);
        connection.Features.Set(turn);
        await next(connection);
    }

    /// <summary>What runs when TLS is there.</summary>
    public static Task EndAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        connection.Features.Get<HandshakeTurn>()?.Dispose();
        if (connection.Features.Get<ISslStreamFeature>() is { SslStream: var stream })
            IdleTls.ReleaseBuffersOf(stream);
        return next(connection);
    }

    public void Dispose() => _free.Dispose();

    private static async Task<bool> SpeaksAsync(ConnectionContext connection)
    {
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using var tooLong = new CancellationTokenSource(Silence, TimeProvider.System);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(tooLong.Token, connection.ConnectionClosed, stopping);
        try
        {
            var input = connection.Transport.Input;
            var read = await input.ReadAsync(end.Token);
            var speaks = !read.Buffer.IsEmpty;
            // It stays for TLS to read.
            input.AdvanceTo(read.Buffer.Start);
            return speaks;
        }
        // It hung up, or said nothing: as common as port scanners, and no news.
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return false;
        }
    }
}
