namespace SidecarAgent.Benchmarks;

/// <summary>An application's reader: resolves <c>..data</c> once, reads both files there, compares their marks.</summary>
/// <param name="Read">Pairs read.</param>
/// <param name="Torn">Pairs whose files were of two versions, or could not be read.</param>
internal sealed record PairReader(int Read, int Torn)
{
    public static Task<PairReader> RunAsync(string mount, CancellationToken stop) => Task.Run(() =>
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
            Thread.Yield();
        }

        return new PairReader(read, torn);
    }, CancellationToken.None);

    private static string Mark(string text) => text[(text.LastIndexOf('-') + 1)..];
}
