using System.Diagnostics;
using SidecarAgent.V1;

namespace SidecarAgent.Benchmarks;

/// <summary>Break-glass: a secret is taken away from a thousand agents that watch it.</summary>
internal static class BrokerRevoke
{
    private const int Agents = 1_000;
    private const int Opening = 64;
    private const int Times = 3;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var rig = await BrokerRig.StartAsync(cancellationToken);
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        WatchingPod[] pods = [];
        List<Task> watching = [];
        var samples = new Samples();
        for (var i = 0; i < Times; i++)
        {
            var path = $"kv/bench/revoked-{i}";
            await rig.PutAsync(path, "0", cancellationToken);
            WatchingPod[] round = [.. rig.Tokens(Agents).Select(token => new WatchingPod(rig, token, path))];
            pods = [.. pods, .. round];
            foreach (var some in round.Chunk(Opening))
            {
                var first = some.Select(pod => pod.NextAsync()).ToList();
                watching.AddRange(some.Select(pod => pod.RunAsync(stopped.Token)));
                await Task.WhenAll(first);
            }

            samples.Add(await RevokeAsync(rig, round, path, cancellationToken));
        }

        await stopped.CancelAsync();
        await Task.WhenAll(watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Array.ForEach(pods, pod => pod.Dispose());
        return
        [
            new Figure($"broker: {Agents} agents lose a secret", samples.Percentile(50), 2_000, "ms",
                $"from the call's beginning until every watch has heard and the answer says so; median, {samples.Spread()}"),
        ];
    }

    private static async Task<TimeSpan> RevokeAsync(BrokerRig rig, WatchingPod[] pods, string path, CancellationToken cancellationToken)
    {
        var heard = pods.Select(pod => pod.NextAsync()).ToList();
        var clock = Stopwatch.StartNew();
        var answer = await rig.Admin.RevokeAsync(
            new RevokeRequest { Target = new Target { Secret = path }, Reason = "a drill" }, cancellationToken: cancellationToken);
        await Task.WhenAll(heard);
        var took = clock.Elapsed;
        if (answer.HoldersTold != Agents || pods.Any(pod => pod.Holds))
            throw new InvalidOperationException($"not everybody has lost it: {answer}");
        return took;
    }
}
