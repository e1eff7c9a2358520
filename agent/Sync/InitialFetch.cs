using Grpc.Core;
using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Connection;
using SidecarAgent.Agent.Telemetry;
using SidecarAgent.V1;

namespace SidecarAgent.Agent.Sync;

/// <summary>
/// Fetches everything once and writes it, for pods in which nobody stays to renew: it asks for the longest leases there are,
/// and leaves them behind.
/// </summary>
internal sealed partial class InitialFetch(
    SecretSync sync, BrokerConnection broker, Acknowledger acknowledger, TimeProvider time, Func<double> jitter, ILogger<InitialFetch> log)
{
    private string? _lastProblem;
    private bool _wasReached;

    /// <summary>Until everything is on disk, or cannot be, or the time is over.</summary>
    /// <param name="timeout">For all of it.</param>
    /// <param name="cancellationToken">The process is told to stop.</param>
    public async Task<FetchEnd> RunAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var over = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            for (var failures = 1; ; failures++)
            {
                var before = _lastProblem;
                var (end, askedFor) = await TryAsync(either.Token);
                if (end is not null)
                    return end;
                if (_lastProblem != before)
                    LogWaiting(log, _lastProblem!);
                await Task.Delay(Backoff.Delay(failures, askedFor, jitter()), time, either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var problem = _lastProblem ?? "no answer";
            return new FetchEnd(
                _wasReached ? FetchOutcome.Failed : FetchOutcome.NotReached, $"after {timeout.TotalSeconds:0.###} s: {problem}");
        }
    }

    /// <returns>How it ended; null: try again, after as long as the broker asks.</returns>
    private async Task<(FetchEnd? End, TimeSpan? AskedFor)> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            var answer = await broker.FetchAsync(
                new FetchRequest { Secrets = { sync.Requests() }, LongestLease = true }, cancellationToken);
            _wasReached = true;
            return await ApplyAsync(answer, cancellationToken);
        }
        catch (RpcException error)
        {
            var problem = BrokerProblem.Of(error);
            _lastProblem = problem.Sentence;
            _wasReached |= problem.WasReached;
            if (problem.IsDenial)
                return (new FetchEnd(FetchOutcome.Denied, problem.Sentence), null);
            return problem.IsHopeless ? (new FetchEnd(FetchOutcome.Failed, problem.Sentence), null) : (null, problem.RetryAfter);
        }
        catch (TokenException error)
        {
            _wasReached = true;
            _lastProblem = error.Message;
            return (null, null);
        }
    }

    private async Task<(FetchEnd? End, TimeSpan? AskedFor)> ApplyAsync(FetchResponse answer, CancellationToken cancellationToken)
    {
        var applied = await sync.ApplyAsync(answer.Updates, cancellationToken);
        acknowledger.Post(sync.Unfinished.Acknowledge);
        acknowledger.Post(applied.Acknowledge);
        var (unsaid, _) = await acknowledger.SendAsync(cancellationToken);
        if (applied.Rejected is { } rejected)
            return (new FetchEnd(FetchOutcome.Failed, rejected), null);
        if (answer.Updates.FirstOrDefault(update => update.OutcomeCase is SecretUpdate.OutcomeOneofCase.Denied) is { } denied)
            return (new FetchEnd(FetchOutcome.Denied, $"{denied.Path} is denied: {denied.Denied.Message}"), null);
        if (sync.Status.MissingFiles.Count == 0)
        {
            // The files are what counts: a rotation that waits for this pod goes on at its deadline.
            if (unsaid is not null)
                LogUnsaid(log, unsaid);
            return (new FetchEnd(FetchOutcome.Written, $"{new Counted(sync.Status.Secrets.Count, "secret")} in {new Counted(sync.Files, "file")}"), null);
        }

        var failed = answer.Updates.FirstOrDefault(update => update.OutcomeCase is SecretUpdate.OutcomeOneofCase.Failed);
        _lastProblem = failed is null
            ? $"{sync.Status.MissingFiles[0].File} is still missing"
            : $"the broker could not serve {failed.Path}: {failed.Failed.Message}";
        return (null, failed?.Failed.RetryAfter?.ToTimeSpan());
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Nothing is on disk yet, trying again: {Problem}")]
    private static partial void LogWaiting(ILogger log, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker could not be told that the files are there: {Problem}")]
    private static partial void LogUnsaid(ILogger log, string problem);
}

/// <summary>How a fetch came out.</summary>
internal enum FetchOutcome
{
    Written,
    Denied,
    Failed,
    NotReached,
}

/// <param name="Outcome">How.</param>
/// <param name="Sentence">Why, in one line.</param>
internal sealed record FetchEnd(FetchOutcome Outcome, string Sentence);
