using Grpc.Core;
using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Connection;
using SidecarAgent.Agent.Telemetry;
using SidecarAgent.V1;

namespace SidecarAgent.Agent.Sync;

/// <summary>
/// Keeps a watch open at the broker and applies what it says. Whatever happens to the broker, the files stay and the loop
/// tries again; only cancellation ends it.
/// </summary>
internal sealed partial class SyncLoop(
    SecretSync sync,
    BrokerConnection broker,
    BrokerLink link,
    Handover handover,
    AgentMetrics metrics,
    TimeProvider time,
    Func<double> jitter,
    ILogger<SyncLoop> log)
{
    /// <summary>A watch that worked for less than this did not work: reopening at once would make a storm.</summary>
    private static readonly TimeSpan WorkedFor = Backoff.Longest;

    /// <summary>The volume is full, say: the watch is opened again to get the values again, and that is not free.</summary>
    private static readonly TimeSpan PauseAfterFailedWrite = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private CancellationTokenSource? _reopen;
    private string? _problemSaid;
    private bool _wasUp;

    /// <summary>Asks for other leases of these secrets in place of those that can go on no longer.</summary>
    public void AskAnew(IReadOnlyList<string> paths)
    {
        sync.AskAnew(paths);
        Reopen();
    }

    /// <summary>Until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (true)
        {
            var started = time.GetTimestamp();
            WatchEnd end;
            if (_next is { } next)
            {
                if (await AdoptNextAsync(next, cancellationToken) is not { } away)
                    continue;
                end = away;
            }
            else
            {
                end = await WatchAsync(cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (_next is not null && end.Problem is null)
                continue;
            failures = end.Worked && time.GetElapsedTime(started) >= WorkedFor ? 0 : failures + 1;
            if (end.Problem is not null)
                Say(end.Problem);
            await Task.Delay(Backoff.Delay(failures, end.RetryAfter, jitter()), time, cancellationToken);
            metrics.Reconnected();
        }
    }

    private async Task<WatchEnd> WatchAsync(CancellationToken cancellationToken)
    {
        using var reopen = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        lock (_lock)
        {
            _reopen = reopen;
            // It came between the last look and here.
            if (_next is not null)
                reopen.Cancel();
        }

        try
        {
            return await ReadAsync(reopen, cancellationToken);
        }
        catch (Exception error) when (
            error is RpcException { StatusCode: StatusCode.Cancelled } or OperationCanceledException
            && reopen.IsCancellationRequested)
        {
            return new WatchEnd(Worked: true, Problem: null, RetryAfter: null);
        }
        catch (RpcException error)
        {
            var problem = BrokerProblem.Of(error);
            broker.WatchEnded(problem);
            // The token's end is the expected end of a watch, and says nothing against the broker.
            var isExpected = problem.Reason == BrokerProblem.TokenExpired && link.IsUp;
            return new WatchEnd(link.IsUp, isExpected ? null : problem.Sentence, problem.RetryAfter);
        }
        catch (TokenException error)
        {
            return new WatchEnd(Worked: false, error.Message, RetryAfter: null);
        }
        finally
        {
            lock (_lock)
                _reopen = null;
            link.Down();
        }
    }

    private async Task<WatchEnd> ReadAsync(CancellationTokenSource reopen, CancellationToken cancellationToken)
    {
        using var watch = await broker.WatchAsync(new WatchRequest { Secrets = { sync.Requests() } }, reopen.Token);
        ITimer? again = null;
        try
        {
            while (await watch.ResponseStream.MoveNext(reopen.Token))
            {
                link.Up();
                SayUp();
                var applied = await sync.ApplyAsync(watch.ResponseStream.Current.Updates, cancellationToken);
                handover.Post(applied, cancellationToken);
                // What could not be written is asked for again, later. The watch stays open meanwhile: the broker is to hear
                // of the rejection, and the next news, a revocation say, counts at once.
                if (applied.TryAgain)
                    again ??= time.CreateTimer(_ => Reopen(), null, PauseAfterFailedWrite, Timeout.InfiniteTimeSpan);
            }
        }
        finally
        {
            if (again is not null)
                await again.DisposeAsync();
        }

        return new WatchEnd(Worked: true, "the broker ended the watch without saying why", RetryAfter: null);
    }

    private void Reopen()
    {
        lock (_lock)
            _reopen?.Cancel();
    }

    private void Say(string problem)
    {
        if (_problemSaid == problem)
            return;
        _problemSaid = problem;
        _wasUp = false;
        LogAway(log, problem);
    }

    private void SayUp()
    {
        if (_wasUp)
            return;
        _wasUp = true;
        if (_problemSaid is null)
            LogConnected(log);
        else
            LogBack(log);
        _problemSaid = null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Watching the secrets at the broker")]
    private static partial void LogConnected(ILogger log);

    [LoggerMessage(Level = LogLevel.Information, Message = "The broker is back")]
    private static partial void LogBack(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker is away: {Problem}. The files stay; trying again, logged once until it changes")]
    private static partial void LogAway(ILogger log, string problem);

    /// <param name="Worked">The broker had answered.</param>
    /// <param name="Problem">For the log; null: nothing that people need to know.</param>
    /// <param name="RetryAfter">What the broker asks for.</param>
    private sealed record WatchEnd(bool Worked, string? Problem, TimeSpan? RetryAfter);
}
