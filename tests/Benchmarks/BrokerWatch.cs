using System.Diagnostics;

namespace SidecarAgent.Benchmarks;

/// <summary>Thousands of agents that watch the same secret, each over a TLS connection of its own.</summary>
internal static class BrokerWatch
{
    private const int Agents = 5_000;
    private const int Opening = 64;
    private const int Changes = 15;
    private const int Rotations = 5;
    private const string Path = "kv/bench/watched";
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var rig = await BrokerRig.StartAsync(cancellationToken);
        await rig.PutAsync(Path, "0", cancellationToken);
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var before = ProcessMemory.Of(rig.ProcessId).Anonymous;
        WatchingPod[] pods = [.. rig.Tokens(Agents).Select(token => new WatchingPod(rig, token, Path))];
        var watching = new List<Task>();
        foreach (var some in pods.Chunk(Opening))
        {
            var first = some.Select(pod => pod.NextAsync()).ToList();
            watching.AddRange(some.Select(pod => pod.RunAsync(stopped.Token)));
            await Task.WhenAll(first);
        }

        var (changes, reference) = (new Samples(), new Samples());
        var (broker, client) = (TimeSpan.Zero, TimeSpan.Zero);
        for (var i = 1; i <= Changes; i++)
        {
            var (brokerBefore, clientBefore) = (rig.CpuTime, Environment.CpuUsage.TotalTime);
            changes.Add(await ChangeAsync(rig, pods, i, cancellationToken));
            broker += (rig.CpuTime - brokerBefore) / Changes;
            client += (Environment.CpuUsage.TotalTime - clientBefore) / Changes;
            reference.Add(ReferenceWork.ToHashOnEachCore());
            // As agents do, so that nobody gathers leases on versions that are not served any more.
            await Task.WhenAll(pods.Select(pod => pod.AcknowledgeAsync(cancellationToken)));
        }

        var rotations = new Samples();
        for (var i = 1; i <= Rotations; i++)
            rotations.Add(await RotateAsync(rig, pods, Changes + i, cancellationToken));

        await Task.Delay(Settled, TimeProvider.System, cancellationToken);
        var memory = (ProcessMemory.Of(rig.ProcessId).Anonymous - before) * 1e6 / 1024 / Agents;
        var retries = pods.Sum(pod => pod.Retries);

        var back = pods.Select(pod => pod.NextAsync()).ToList();
        var clock = Stopwatch.StartNew();
        var gone = await rig.RestartAsync(cancellationToken);
        var ready = clock.Elapsed;
        await Task.WhenAll(back).WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System, cancellationToken);
        var restart = clock.Elapsed;
        retries = pods.Sum(pod => pod.Retries) - retries;
        var surprises = pods.SelectMany(pod => pod.Surprises).ToList();

        await stopped.CancelAsync();
        await Task.WhenAll(watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Array.ForEach(pods, pod => pod.Dispose());
        var change = new Figure(
            $"broker: a change reaches {Agents} watches", changes.Percentile(50), 600, "ms",
            $"from the put's beginning to the last, who acknowledge afterwards; median, {changes.Spread()}; {broker.TotalMilliseconds:0} ms of the broker, {client.TotalMilliseconds:0} ms of the client");
        return
        [
            new Figure($"broker: memory of each of {Agents} watches", memory, 85, "KiB", "anonymous memory of the broker, after changes"),
            change,
            change.AsRatio(reference),
            new Figure($"broker: a change is acknowledged by {Agents} agents", rotations.Percentile(50), 2_000, "ms",
                $"each as soon as it is told; from the put's beginning to the last; median, {rotations.Spread()}"),
            new Figure($"broker: {Agents} watches back after a restart", restart.TotalSeconds, 15, "s",
                $"from SIGTERM; gone after {gone.TotalSeconds:0.0} s, ready again after {ready.TotalSeconds:0.0} s; {retries} attempts; "
                + $"{surprises.Count} failed in a way that nobody expects {surprises.FirstOrDefault()}"),
        ];
    }

    private static async Task<TimeSpan> ChangeAsync(BrokerRig rig, WatchingPod[] pods, int i, CancellationToken cancellationToken)
    {
        var heard = pods.Select(pod => pod.NextAsync()).ToList();
        var clock = Stopwatch.StartNew();
        await rig.PutAsync(Path, $"{i}", cancellationToken);
        await Task.WhenAll(heard);
        return clock.Elapsed;
    }

    /// <summary>A change that all acknowledge as soon as they hear of it, so that both are done on the same cores.</summary>
    private static async Task<TimeSpan> RotateAsync(BrokerRig rig, WatchingPod[] pods, int i, CancellationToken cancellationToken)
    {
        var acknowledged = pods.Select(async pod =>
        {
            await pod.NextAsync();
            await pod.AcknowledgeAsync(cancellationToken);
        }).ToList();
        var clock = Stopwatch.StartNew();
        await rig.PutAsync(Path, $"{i}", cancellationToken);
        await Task.WhenAll(acknowledged);
        return clock.Elapsed;
    }
}
