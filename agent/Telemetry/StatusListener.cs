using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace SidecarAgent.Agent.Telemetry;

/// <summary>Serves the status pages in plain HTTP/1: nothing there is secret.</summary>
internal sealed partial class StatusListener : IDisposable
{
    /// <summary>Connections at once; a scraper and two probes need three. More wait until one of these is answered.</summary>
    private const int MaxConnections = 32;

    /// <summary>Out of file descriptors, say: the next connection comes no later for it.</summary>
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _room = new(MaxConnections);
    private readonly Socket _socket;
    private readonly StatusPages _pages;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    /// <param name="listen">Port 0: any free one.</param>
    /// <param name="pages">What is served; disposed of with the listener.</param>
    /// <param name="time">Ends connections that take too long.</param>
    /// <param name="log">For what goes wrong in a page.</param>
    /// <exception cref="SocketException">The address cannot be had.</exception>
    public StatusListener(IPEndPoint listen, StatusPages pages, TimeProvider time, ILogger<StatusListener> log)
    {
        _pages = pages;
        _time = time;
        _log = log;
        _socket = new Socket(listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (listen.Address.Equals(IPAddress.IPv6Any))
                _socket.DualMode = true;
            _socket.Bind(listen);
            _socket.Listen();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => new($"http://{_socket.LocalEndPoint}");

    /// <summary>Until cancelled; connections that are open then are ended first.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await _room.WaitAsync(cancellationToken);
                await TakeNextAsync(cancellationToken);
            }
        }
        finally
        {
            for (var ended = 0; ended < MaxConnections; ended++)
                await _room.WaitAsync(CancellationToken.None);
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _pages.Dispose();
        _room.Dispose();
    }

    /// <summary>Gives its place back, sooner or later, whatever happens.</summary>
    private async Task TakeNextAsync(CancellationToken cancellationToken)
    {
        try
        {
            _ = ServeAsync(await _socket.AcceptAsync(cancellationToken), cancellationToken);
        }
        catch (SocketException error)
        {
            _room.Release();
            LogNotTaken(_log, error.Message);
            await Task.Delay(PauseAfterFailure, _time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _room.Release();
            throw;
        }
    }

    private async Task ServeAsync(Socket client, CancellationToken cancellationToken)
    {
        try
        {
            await StatusConnection.ServeAsync(client, _pages, _time, cancellationToken);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // Whoever asked has gone, or takes too long: nobody is there to be answered.
        }
        catch (Exception error)
        {
            LogFailed(_log, error);
        }
        finally
        {
            client.Dispose();
            _room.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection to the status pages could not be taken: {Problem}")]
    private static partial void LogNotTaken(ILogger log, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "A status page could not be made")]
    private static partial void LogFailed(ILogger log, Exception error);
}
