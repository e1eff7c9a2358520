namespace SidecarAgent.Agent.Commands;

/// <summary>Loops that live and end together.</summary>
internal static class LoopGroup
{
    /// <summary>Runs until told to stop, or until one of them fails: that stops the others.</summary>
    /// <exception cref="Exception">What the first one failed of.</exception>
    public static async Task RunAsync(CancellationToken stopping, params Func<CancellationToken, Task>[] loops)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var running = loops.Select(loop => Task.Run(() => loop(all.Token), CancellationToken.None)).ToList();
        var first = await Task.WhenAny(running);
        await all.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!stopping.IsCancellationRequested || first.IsFaulted)
            await first;
    }
}
