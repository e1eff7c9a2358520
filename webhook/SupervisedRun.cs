namespace SidecarAgent.Webhook;

/// <summary>
/// Runs the program until it is told to stop, or until one of its loops fails. The host stops in both cases, and would call
/// both a success.
/// </summary>
internal static class SupervisedRun
{
    /// <exception cref="Exception">What ended a loop.</exception>
    public static async Task UntilStoppedAsync(IHost host, CancellationToken cancellation)
    {
        // Looked up first: the run disposes of what looks them up.
        var loops = host.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
        await host.RunAsync(cancellation);
        foreach (var loop in loops)
        {
            if (loop.ExecuteTask is { IsFaulted: true } failed)
                await failed;
        }
    }
}
