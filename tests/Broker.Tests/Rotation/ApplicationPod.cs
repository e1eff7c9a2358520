using System.Collections.Concurrent;
using Grpc.Core;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Rotation;

/// <summary>
/// A pod: an agent without files, which watches a credential and acknowledges each version when the application uses it;
/// and an application, which logs in with the latest version every 20 ms. The agent reconnects to a broker that was away.
/// </summary>
internal sealed class ApplicationPod(Func<SecretBroker.SecretBrokerClient> connect, string path, int port) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource> _acknowledged = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private volatile UsedCredential? _current;
    private string _lease = "";
    private int _logins;

    /// <summary>Logins that were refused, and anything else that should not have happened.</summary>
    public static ConcurrentQueue<string> Failures { get; } = [];

    public ulong Version => _current?.Version ?? 0;

    public int Logins => Volatile.Read(ref _logins);

    /// <summary>Completes when the agent has acknowledged a version; the broker has stored that then.</summary>
    public Task AcknowledgedAsync(ulong version) => Signal(version).Task;

    /// <summary>Raised when the application has been given a version, before that is acknowledged.</summary>
    public event Action<ulong>? Given;

    /// <summary>Completes when the application has logged in for the first time.</summary>
    public Task StartAsync()
    {
        _running = Task.WhenAll(Task.Run(WatchAsync), Task.Run(WorkAsync));
        return _started.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        if (_current is { } current)
            await current.DisposeAsync();
        _stop.Dispose();
    }

    private async Task WorkAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            if (_current is { } credential && credential.TryEnter())
            {
                try
                {
                    await credential.LogInAsync();
                    Interlocked.Increment(ref _logins);
                    _started.TrySetResult();
                }
                catch (Exception e)
                {
                    Failures.Enqueue($"version {credential.Version}: {e.Message}");
                }
                finally
                {
                    credential.Leave();
                }
            }

            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
        }
    }

    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var broker = connect();
                var request = new WatchRequest { Secrets = { Requests.Secret(path, _lease, _lease.Length == 0 ? 0 : Version) } };
                using var watch = broker.Watch(request, cancellationToken: _stop.Token);
                await foreach (var response in watch.ResponseStream.ReadAllAsync(_stop.Token))
                    await ApplyAsync(broker, response.Updates.Single());
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException or ObjectDisposedException)
            {
                // The broker is away, or the test is over.
                await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
            }
        }
    }

    private async Task ApplyAsync(SecretBroker.SecretBrokerClient broker, SecretUpdate update)
    {
        switch (update.OutcomeCase)
        {
            case SecretUpdate.OutcomeOneofCase.Issued:
                await GiveAsync(update.Issued);
                break;
            case SecretUpdate.OutcomeOneofCase.Confirmed:
                _lease = update.Confirmed.Lease.Id;
                break;
            case SecretUpdate.OutcomeOneofCase.Denied when update.Denied.Reason == Denied.Types.Reason.NotFound:
                return;
            default:
                Failures.Enqueue($"the broker says {update}");
                return;
        }

        // Said again after a reconnect: the word may have been lost with the broker that was told.
        await broker.AcknowledgeAsync(new AcknowledgeRequest
        {
            Acknowledgements =
            {
                new Acknowledgement { LeaseId = _lease, Version = Version, Outcome = Acknowledgement.Types.Outcome.Applied },
            },
        });
        Signal(Version).TrySetResult();
    }

    private TaskCompletionSource Signal(ulong version) => _acknowledged.GetOrAdd(
        version, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task GiveAsync(Issued issued)
    {
        var (old, next) = (_current, new UsedCredential(issued, port));
        _current = next;
        _lease = issued.Lease.Id;
        Given?.Invoke(issued.Version);
        if (old is not null)
        {
            await old.RetireAsync();
            await old.DisposeAsync();
        }

        await next.Used.WaitAsync(_stop.Token);
    }
}
