namespace SidecarAgent.Broker;

/// <summary>
/// The broker's background loops, as a group: the first one that ends by itself stops the program, and its cause is
/// what the program fails with.
/// </summary>
internal sealed partial class Loops(IHostApplicationLifetime lifetime, ILogger<Loops> logger)
{
    private readonly List<Task> _running = [];

    /// <summary>Why a loop ended that never should; null: none has.</summary>
    public CannotStartException? Failure { get; private set; }

    /// <param name="name">What the loop does, for the sentence about its end.</param>
    /// <param name="loop">Runs until it is cancelled.</param>
    public void Start(string name, Func<CancellationToken, Task> loop) => _running.Add(SuperviseAsync(name, loop));

    /// <summary>Completes when all have ended.</summary>
    public Task EndAsync() => Task.WhenAll(_running);

    private async Task SuperviseAsync(string name, Func<CancellationToken, Task> loop)
    {
        Exception? cause = null;
        try
        {
            await Task.Run(() => loop(lifetime.ApplicationStopping));
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            cause = e;
        }

        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return;
        LogEnded(name, cause);
        Failure ??= new CannotStartException($"{name} stopped: {cause?.Message ?? "it ended"}", cause);
        lifetime.StopApplication();
    }

    [LoggerMessage(LogLevel.Critical, "{Name} stopped by itself. Without it the broker cannot go on.")]
    private partial void LogEnded(string name, Exception? cause);
}
