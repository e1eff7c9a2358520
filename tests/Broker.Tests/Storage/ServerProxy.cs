using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SidecarAgent.Broker.Tests.Storage;

/// <summary>What a test does to a connection at a moment that it chooses.</summary>
public enum Cut
{
    /// <summary>What the client says does not arrive any more.</summary>
    BeforeTheServer,

    /// <summary>The server hears it and answers; the answer does not arrive.</summary>
    BeforeTheClient,

    /// <summary>The client sees its connection end, and the server does not.</summary>
    ForTheClientOnly,
}

/// <summary>Stands between a broker and its database server, and cuts connections.</summary>
internal sealed class ServerProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<TcpClient> _open = [];
    private readonly Task _accepting;
    private readonly int _server;
    private readonly bool _pools;
    private volatile bool _isDown;
    private (int After, Cut How, byte[]? Trigger)? _armed;

    private ServerProxy(int server, bool pools)
    {
        _server = server;
        _pools = pools;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <param name="server">The server's port.</param>
    /// <param name="pools">Give out process ids of its own, as connection poolers do.</param>
    public static ServerProxy Before(int server, bool pools = false) => new(server, pools);

    /// <summary>Whether what it was armed for has happened.</summary>
    public bool HasCut
    {
        get
        {
            lock (_open)
                return _armed is null;
        }
    }

    /// <summary>Cuts the connection that says something next.</summary>
    /// <param name="after">So many times it may say something before.</param>
    /// <param name="how">Where it is cut.</param>
    /// <param name="onceItHears">Where this is said, it begins to count with the next; null: now.</param>
    public void Arm(int after, Cut how, string? onceItHears = null)
    {
        lock (_open)
            _armed = (after, how, onceItHears is null ? null : Encoding.ASCII.GetBytes(onceItHears));
    }

    /// <summary>Ends all connections, and takes no new ones until told otherwise.</summary>
    public void TakeDown()
    {
        _isDown = true;
        lock (_open)
        {
            _open.ForEach(client => client.Dispose());
            _open.Clear();
        }
    }

    public void BringUp() => _isDown = false;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        TakeDown();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            if (_isDown)
                client.Dispose();
            else
                _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        var server = new TcpClient();
        lock (_open)
            _open.AddRange([client, server]);
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _server, _stop.Token);
            var isMute = false;
            var answers = ForwardAsync(server, client, said =>
            {
                if (_pools && said.IndexOf(BackendKey) is var at and >= 0)
                    said[at + BackendKey.Length]++;
                return Volatile.Read(ref isMute) ? Cut.BeforeTheServer : null;
            });
            var cut = await ForwardAsync(client, server, said =>
            {
                var due = Next(said);
                Volatile.Write(ref isMute, due == Cut.BeforeTheClient);
                return due;
            });
            if (cut == Cut.BeforeTheClient)
                await answers;
            if (cut != Cut.ForTheClientOnly)
                server.Dispose();
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One side is gone; so is the other one.
            server.Dispose();
        }

        client.Dispose();
    }

    /// <returns>How it was cut; null: the sender has ended it.</returns>
    private async Task<Cut?> ForwardAsync(TcpClient from, TcpClient to, Due due)
    {
        var buffer = new byte[65536];
        while (await from.GetStream().ReadAsync(buffer, _stop.Token) is var count and > 0)
        {
            var cut = due(buffer.AsSpan(0, count));
            if (cut is null or Cut.BeforeTheClient)
                await to.GetStream().WriteAsync(buffer.AsMemory(0, count), _stop.Token);
            if (cut is not null)
                return cut;
        }

        to.Dispose();
        return null;
    }

    /// <summary>How a message begins that tells a process id (the manual, 55.7).</summary>
    private static ReadOnlySpan<byte> BackendKey => [(byte)'K', 0, 0, 0, 12];

    private delegate Cut? Due(Span<byte> said);

    private Cut? Next(ReadOnlySpan<byte> said)
    {
        lock (_open)
        {
            if (_armed is not { } armed)
                return null;
            if (armed.Trigger is { } trigger)
            {
                if (said.IndexOf(trigger) >= 0)
                    _armed = armed with { Trigger = null };
                return null;
            }

            _armed = armed.After > 0 ? armed with { After = armed.After - 1 } : null;
            return armed.After > 0 ? null : armed.How;
        }
    }
}
