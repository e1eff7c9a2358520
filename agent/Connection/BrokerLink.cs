namespace SidecarAgent.Agent.Connection;

/// <summary>
/// Whether a watch is open and has been answered. Calls that are not the watch wait for it, so that an absent broker sees
/// one attempt at a time and not one for each kind of call.
/// </summary>
internal sealed class BrokerLink(TimeProvider time)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _up = NewSignal();

    public bool IsUp => _up.Task.IsCompleted;

    /// <summary>When <see cref="IsUp"/> last changed; at first, when the agent started.</summary>
    public DateTimeOffset Since { get; private set; } = time.GetUtcNow();

    public void Up()
    {
        lock (_lock)
        {
            if (_up.TrySetResult())
                Since = time.GetUtcNow();
        }
    }

    public void Down()
    {
        lock (_lock)
        {
            if (!_up.Task.IsCompleted)
                return;
            _up = NewSignal();
            Since = time.GetUtcNow();
        }
    }

    public Task WaitUntilUpAsync(CancellationToken cancellationToken) => _up.Task.WaitAsync(cancellationToken);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
