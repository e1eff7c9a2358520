using Grpc.Core;
using Grpc.Net.Client;
using SidecarAgent.V1;

namespace SidecarAgent.Benchmarks;

/// <summary>
/// What an agent is to the broker: one connection and one watch on it. It comes back when the watch ends, and says then
/// what it has.
/// </summary>
internal sealed class WatchingPod(BrokerRig rig, string token, string path, int number) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly GrpcChannel _channel = rig.Connect();
    private TaskCompletionSource<ulong> _heard = NewSignal();
    private string _lease = "";
    private ulong _version;

    /// <summary>How often it had to try again.</summary>
    public int Retries { get; private set; }

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

    /// <summary>Watches until it is cancelled. A watch that ends with another failure than UNAVAILABLE ends it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var client = new SecretBroker.SecretBrokerClient(_channel);
        var headers = new Metadata { { "authorization", $"Bearer {token}" } };
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var secret = new SecretRequest { Path = path, LeaseId = _lease, HeldVersion = _version };
                using var watch = client.Watch(new WatchRequest { Secrets = { secret } }, headers, cancellationToken: cancellationToken);
                await foreach (var said in watch.ResponseStream.ReadAllAsync(cancellationToken))
                    Hear(said.Updates.Single());
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
            {
                Retries++;
                await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Cancelled && cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Not the same for all, and another one each time.</summary>
    private TimeSpan Pause => TimeSpan.FromMilliseconds(50 + (number + Retries) * 7919L % 450);

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
            default:
                throw new InvalidOperationException($"the broker said: {update}");
        }

        lock (_lock)
            _heard.TrySetResult(_version);
    }

    private static TaskCompletionSource<ulong> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
