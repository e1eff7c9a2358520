using System.Net;
using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Telemetry;

namespace SidecarAgent.Agent.Reload;

/// <summary>
/// Tells the application that its files changed: at once, and then no more often than once a second. Each target is told by
/// one attempt chain at a time; generations that come meanwhile are told together after it, however many there are.
/// </summary>
internal sealed partial class Notifier : IDisposable
{
    private const int Attempts = 3;

    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <summary>Between two tellings of one target: a burst of rotations is one reload, or a few.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<Notification, long> _endedAt = [];
    private readonly Dictionary<Notification, Task> _underWay = [];
    private readonly Dictionary<Notification, Task> _next = [];
    private readonly HashSet<Notification> _failing = [];
    private readonly HttpClient _http;
    private readonly AgentMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    public Notifier(AgentMetrics metrics, TimeProvider time, ILogger<Notifier> log)
    {
        _metrics = metrics;
        _time = time;
        _log = log;
        // No proxy, no cookies, no redirects: the request goes to this pod or nowhere.
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(1),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Ends when every target was told or given up; failures are counted and logged, never thrown.</summary>
    public Task TellAsync(IEnumerable<Notification> targets, CancellationToken cancellationToken)
    {
        lock (_lock)
            return Task.WhenAll([.. targets.Distinct().Select(target => Enqueue_NeedsLock(target, cancellationToken))]);
    }

    public void Dispose() => _http.Dispose();

    private Task Enqueue_NeedsLock(Notification target, CancellationToken cancellationToken)
    {
        if (_next.TryGetValue(target, out var waiting))
            return waiting;
        _underWay.TryGetValue(target, out var running);
        return running is null && Early_NeedsLock(target) == TimeSpan.Zero
            ? _underWay[target] = Task.Run(() => RunAsync(target, cancellationToken), CancellationToken.None)
            : _next[target] = FollowAsync(target, running ?? Task.CompletedTask, cancellationToken);
    }

    /// <summary>How long it is too early to tell the target again.</summary>
    private TimeSpan Early_NeedsLock(Notification target)
    {
        if (!_endedAt.TryGetValue(target, out var ended))
            return TimeSpan.Zero;
        var early = Apart - _time.GetElapsedTime(ended);
        return early > TimeSpan.Zero ? early : TimeSpan.Zero;
    }

    private async Task FollowAsync(Notification target, Task running, CancellationToken cancellationToken)
    {
        await running.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.SuppressThrowing);
        TimeSpan early;
        lock (_lock)
            early = Early_NeedsLock(target);
        await Task.Delay(early, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task mine;
        lock (_lock)
        {
            _next.Remove(target);
            mine = _underWay[target] = Task.Run(() => RunAsync(target, cancellationToken), CancellationToken.None);
        }

        await mine;
    }

    private async Task RunAsync(Notification target, CancellationToken cancellationToken)
    {
        try
        {
            await TellWithRetriesAsync(target, cancellationToken);
            _metrics.Notified(ok: true);
            if (Recovered(target))
                LogTold(target);
        }
        catch (NotificationException error)
        {
            _metrics.Notified(ok: false);
            if (NewlyFailing(target))
                LogNotTold(target, error.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The agent is stopping; nobody needs to be told any longer.
        }
        finally
        {
            lock (_lock)
            {
                _underWay.Remove(target);
                _endedAt[target] = _time.GetTimestamp();
            }
        }
    }

    private async Task TellWithRetriesAsync(Notification target, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            // An agent that stops has removed the files: a reload would find none.
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await TellOnceAsync(target, cancellationToken);
                return;
            }
            catch (NotificationException) when (attempt < Attempts)
            {
                await Task.Delay(FirstPause * attempt, _time, cancellationToken);
            }
        }
    }

    private async Task TellOnceAsync(Notification target, CancellationToken cancellationToken)
    {
        switch (target)
        {
            case SignalNotification signal:
                ProcessSignals.Send(signal);
                break;
            case HttpNotification http:
                await PostAsync(http.Address, cancellationToken);
                break;
        }
    }

    private async Task PostAsync(Uri address, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(AttemptTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if ((int)response.StatusCode is < 200 or > 299)
                throw new NotificationException($"the application answered {Status(response.StatusCode)}, expected 2xx");
        }
        catch (HttpRequestException error)
        {
            throw new NotificationException(error.InnerException?.Message ?? error.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NotificationException($"the application did not answer within {AttemptTimeout.TotalSeconds:0} s");
        }
    }

    private static string Status(HttpStatusCode code) => $"{(int)code} {code}";

    private bool NewlyFailing(Notification target)
    {
        lock (_lock)
            return _failing.Add(target);
    }

    private bool Recovered(Notification target)
    {
        lock (_lock)
            return _failing.Remove(target);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The application could not be told by {Target}: {Problem}. Its files are current; this is logged once until it works again")]
    private partial void LogNotTold(Notification target, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "The application can be told by {Target} again")]
    private partial void LogTold(Notification target);
}
