namespace SidecarAgent.Webhook;

/// <summary>
/// Goes on answering for a while after SIGTERM, and says that it is not ready: every node of the cluster takes a moment to
/// learn that calls go elsewhere, and a call that nobody answers is a pod that is not created.
/// </summary>
internal sealed class Departure(TimeSpan lasts, TimeProvider time) : IHostedLifecycleService
{
    private volatile bool _hasBegun;

    public bool HasBegun => _hasBegun;

    /// <summary>Comes before any part of the program is stopped.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _hasBegun = true;
        return Task.Delay(lasts, time, cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
