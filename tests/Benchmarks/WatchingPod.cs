using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using SidecarAgent.Agent.Connection;
using SidecarAgent.V1;

namespace SidecarAgent.Benchmarks;

/// <summary>
/// What an agent is to the broker: one connection and one watch on it. It comes back when the watch ends, and says then
/// what it has.
/// </summary>
internal sealed class WatchingPod(BrokerRig rig, string token, string path) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly GrpcChannel _channel = rig.Connect();
    private TaskCompletionSource<ulong> _heard = NewSignal();
    private readonly Metadata _headers = new() { { "authorization", $"Bearer {token}" } };
    private string _lease = "";
    private ulong _version;
    private int _said;

    /// <summary>How often it had to try again.</summary>
    public int Retries { get; private set; }

    /// <summary>Whether it has a version that was not taken away.</summary>
    public bool Holds => _version > 0;

    /// <summary>Watches that ended in another way than an agent expects when its broker is away, or goes.</summary>
    public List<string> Surprises { get; } = [];

    /// <returns>Completes when the broker has said what is served, from now on.</returns>
    public Task<ulong> NextAsync()
    {
        lock (_lock)
        {
            if (_heard.Task.IsCompleted)
                _heard = NewSignal();
            return _heard.Task;
        }
    }

    /// <summary>Watches until it is cancelled, and tries again when the agent would (agent/Sync/SyncLoop.cs).</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (true)
        {
            var (began, said) = (Stopwatch.GetTimestamp(), _said);
            var problem = await WatchAsync(cancellationToken);
            if (cancellationToken.IsCancellationRequested)
                return;
            if (problem.Code != StatusCode.Unavailable && problem.WasReached)
                Surprises.Add(problem.Sentence);
            failures = _said > said && Stopwatch.GetElapsedTime(began) >= Backoff.Longest ? 0 : failures + 1;
            await Task.Delay(Backoff.Delay(failures, problem.RetryAfter, Jitter.Next()), TimeProvider.System, cancellationToken);
            Retries++;
        }
    }

    /// <summary>Says that what it heard last is in use, as an agent does when its files are written.</summary>
    public async Task AcknowledgeAsync(CancellationToken cancellationToken)
    {
        var applied = new Acknowledgement { LeaseId = _lease, Version = _version, Outcome = Acknowledgement.Types.Outcome.Applied };
        var answer = await new SecretBroker.SecretBrokerClient(_channel)
            .AcknowledgeAsync(new AcknowledgeRequest { Acknowledgements = { applied } }, _headers, cancellationToken: cancellationToken);
        if (answer.EndedLeaseIds.Count > 0)
            throw new InvalidOperationException($"the lease {_lease} has ended");
    }

    /// <summary>One watch, until it ends.</summary>
    private async Task<BrokerProblem> WatchAsync(CancellationToken cancellationToken)
    {
        var secret = new SecretRequest { Path = path, LeaseId = _lease, HeldVersion = _version };
        try
        {
            using var watch = new SecretBroker.SecretBrokerClient(_channel)
                .Watch(new WatchRequest { Secrets = { secret } }, _headers, cancellationToken: cancellationToken);
            await foreach (var said in watch.ResponseStream.ReadAllAsync(cancellationToken))
                Hear(said.Updates.Single());
            return BrokerProblem.Of(new RpcException(new Status(StatusCode.OK, "the broker ended the watch without saying why")));
        }
        catch (RpcException e)
        {
            return BrokerProblem.Of(e);
        }
    }

    public void Dispose() => _channel.Dispose();

    private void Hear(SecretUpdate update)
    {
        switch (update)
        {
            case { Issued: { } issued }:
                (_version, _lease) = (issued.Version, issued.Lease.Id);
                break;
            case { Confirmed: { } confirmed }:
                (_version, _lease) = (confirmed.Version, confirmed.Lease.Id);
                break;
            case { Revoked: not null }:
                (_version, _lease) = (0, "");
                break;
            default:
                throw new InvalidOperationException($"the broker said: {update}");
        }

        _said++;
        lock (_lock)
            _heard.TrySetResult(_version);
    }

    private static TaskCompletionSource<ulong> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
