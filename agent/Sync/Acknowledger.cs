using System.Threading.Channels;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Connection;
using SidecarAgent.Agent.Telemetry;
using SidecarAgent.V1;

namespace SidecarAgent.Agent.Sync;

/// <summary>
/// Tells the broker what became of the versions that it issued. What cannot be said now is said when the broker is back:
/// a rotation waits for it. Of one lease only the latest word counts.
/// </summary>
internal sealed partial class Acknowledger(
    BrokerConnection broker, BrokerLink link, TimeProvider time, Func<double> jitter, ILogger<Acknowledger> log)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Acknowledgement> _pending = new(StringComparer.Ordinal);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(1);

    /// <summary>Whether everything was said.</summary>
    public bool IsDone
    {
        get
        {
            lock (_lock)
                return _pending.Count == 0;
        }
    }

    public void Post(IEnumerable<Acknowledgement> acknowledgements)
    {
        lock (_lock)
        {
            foreach (var acknowledgement in acknowledgements)
                _pending[acknowledgement.LeaseId] = acknowledgement;
            if (_pending.Count > 0)
                _wake.Writer.TryWrite(true);
        }
    }

    /// <summary>Until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (true)
        {
            if (IsDone)
                await _wake.Reader.ReadAsync(cancellationToken);
            await link.WaitUntilUpAsync(cancellationToken);
            var (problem, askedFor) = await SendAsync(cancellationToken);
            if (problem is null)
            {
                failures = 0;
                continue;
            }

            if (++failures == 1)
                LogFailed(log, problem);
            await Task.Delay(Backoff.Delay(failures, askedFor, jitter()), time, cancellationToken);
        }
    }

    /// <summary>One batch of what is pending.</summary>
    /// <returns>Why it could not be said; null: it was.</returns>
    public async Task<(string? Problem, TimeSpan? AskedFor)> SendAsync(CancellationToken cancellationToken)
    {
        List<Acknowledgement> batch;
        lock (_lock)
            batch = [.. _pending.Values.Take(Acknowledgements.MaxBatch)];
        if (batch.Count == 0)
            return (null, null);
        try
        {
            await broker.AcknowledgeAsync(new AcknowledgeRequest { Acknowledgements = { batch } }, cancellationToken);
            LogSaid(log, new Counted(batch.Count, "version"));
        }
        catch (RpcException error) when (BrokerProblem.Of(error) is { IsHopeless: false } problem)
        {
            return (problem.Sentence, problem.RetryAfter);
        }
        catch (RpcException error)
        {
            // A broker that calls it malformed will do so again: saying it once is enough.
            LogFailed(log, BrokerProblem.Of(error).Sentence);
        }
        catch (TokenException error)
        {
            return (error.Message, null);
        }

        lock (_lock)
        {
            foreach (var said in batch.Where(said => ReferenceEquals(_pending.GetValueOrDefault(said.LeaseId), said)))
                _pending.Remove(said.LeaseId);
        }

        return (null, null);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The broker knows what became of {Versions}")]
    private static partial void LogSaid(ILogger log, Counted versions);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker could not be told what became of a version: {Problem}")]
    private static partial void LogFailed(ILogger log, string problem);
}
