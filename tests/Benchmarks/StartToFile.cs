using System.Diagnostics;

namespace SidecarAgent.Benchmarks;

/// <summary>From the start of <c>sidecar-agent init</c> to its end, when the files are on disk, over TLS.</summary>
internal static class StartToFile
{
    private const int WarmUps = 3;
    private const int Runs = 30;
    private const double TargetMilliseconds = 80;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var rig = await Rig.StartAsync(cancellationToken);
        await rig.PutAsync("kv/bench/one", "1", cancellationToken);

        var samples = new Samples();
        for (var run = 0; run < WarmUps + Runs; run++)
        {
            var mount = rig.NewMount($"start{run}");
            var configuration = await rig.AgentConfigurationAsync(mount, [Rig.JsonFile("kv/bench/one")], cancellationToken);
            var clock = Stopwatch.StartNew();
            await using var agent = rig.StartAgent("init", configuration);
            await agent.WaitForSuccessAsync(cancellationToken);
            if (run >= WarmUps)
                samples.Add(clock.Elapsed);
            if (!File.Exists(Path.Combine(mount, "one.json")))
                throw new InvalidOperationException("init ended well and wrote no file");
        }

        return [new Figure(
            "agent: start of init to its end, file on disk", samples.Percentile(50), TargetMilliseconds, "ms",
            $"median, 1 secret, process start included; {samples.Spread()}")];
    }
}
