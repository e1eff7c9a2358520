namespace SidecarAgent.Benchmarks;

/// <summary>An application's reader: resolves <c>..data</c> once, reads both files there, compares their marks.</summary>
/// <param name="Read">Pairs read.</param>
/// <param name="Torn">Pairs whose files were of two versions.</param>
internal sealed record PairReader(int Read, int Torn)
{
    /// <summary>Short, and yet not a busy loop: that would measure how programs share two cores.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    /// <exception cref="IOException">A file was missing.</exception>
    public static async Task<PairReader> RunAsync(string mount, CancellationToken stop)
    {
        var (read, torn) = (0, 0);
        while (!stop.IsCancellationRequested)
        {
            var generation = Directory.ResolveLinkTarget(Path.Combine(mount, "..data"), returnFinalTarget: false)!.FullName;
            var username = File.ReadAllText(Path.Combine(generation, "username"));
            var password = File.ReadAllText(Path.Combine(generation, "password"));
            read++;
            if (Mark(username) != Mark(password) || Mark(username).Length == 0)
                torn++;
            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
        }

        return new PairReader(read, torn);
    }

    private static string Mark(string text) => text[(text.LastIndexOf('-') + 1)..];
}
