using System.Diagnostics;

namespace SidecarAgent.Benchmarks;

/// <summary>An operator cuts off a workload of which a thousand agents watch a secret, each over a connection of its own.</summary>
internal static class BreakGlass
{
    private const int Agents = 1_000;
    private const int Opening = 64;
    private const int Times = 5;
    private const string Path = "kv/bench/glass";

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var rig = await BrokerRig.StartAsync(cancellationToken);
        await rig.PutAsync(Path, "0", cancellationToken);
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        WatchingPod[] pods = [.. rig.Tokens(Agents).Select(token => new WatchingPod(rig, token, Path))];
        var watching = new List<Task>();
        foreach (var some in pods.Chunk(Opening))
        {
            var first = some.Select(pod => pod.NextAsync()).ToList();
            watching.AddRange(some.Select(pod => pod.RunAsync(stopped.Token)));
            await Task.WhenAll(first);
        }

        var times = new Samples();
        var notTold = 0L;
        for (var i = 0; i < Times; i++)
        {
            var revoked = pods.Select(pod => pod.NextAsync()).ToList();
            var clock = Stopwatch.StartNew();
            var end = await rig.RevokeAsync("shop/orders", cancellationToken);
            await Task.WhenAll(revoked);
            times.Add(clock.Elapsed);
            notTold += Agents - end.HoldersTold;
            var served = pods.Select(pod => pod.NextAsync()).ToList();
            await rig.LiftAsync(end.CutOffId, cancellationToken);
            await Task.WhenAll(served);
        }

        await stopped.CancelAsync();
        await Task.WhenAll(watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Array.ForEach(pods, pod => pod.Dispose());
        return
        [
            new Figure($"broker: {Agents} watching agents cut off, all told", times.Percentile(50), 2_000, "ms",
                $"from the call to its report; median, {times.Spread()}; {notTold} not told"),
        ];
    }
}
