namespace SidecarAgent.Broker.Tests;

/// <summary>Waits for what other threads and processes do.</summary>
internal static class Waiting
{
    /// <summary>Only to end a test that would wait for ever.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static Task UntilAsync(Func<bool> done) => UntilAsync(() => Task.FromResult(done()));

    public static async Task UntilAsync(Func<Task<bool>> done)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!await done())
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, patience.Token);
    }
}
