using System.Diagnostics;

namespace SidecarAgent.Benchmarks;

/// <summary>From the start of <c>sidecar-agent init</c> to its files on disk, over TLS.</summary>
internal static class StartToFile
{
    private const int WarmUps = 3;
    private const int Runs = 30;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var rig = await Rig.StartAsync(cancellationToken);
        return
        [
            .. await MeasureAsync(rig, secrets: 1, targetMilliseconds: 35, cancellationToken),
            .. await MeasureAsync(rig, secrets: 20, targetMilliseconds: 50, cancellationToken),
        ];
    }

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(
        Rig rig, int secrets, double targetMilliseconds, CancellationToken cancellationToken)
    {
        var files = await rig.PutManyAsync(secrets, cancellationToken);
        var samples = new Samples();
        var reference = new Samples();
        for (var run = 0; run < WarmUps + Runs; run++)
        {
            var work = ReferenceWork.ToHash();
            var mount = rig.NewMount($"start-{secrets}-{run}");
            var configuration = await rig.AgentConfigurationAsync(mount, files, cancellationToken);
            using var file = new WatchedFile(mount, Rig.Mark);
            var clock = Stopwatch.StartNew();
            await using var agent = rig.StartAgent("init", configuration);
            await file.WaitForAsync("-0", cancellationToken);
            var elapsed = clock.Elapsed;
            await agent.WaitForSuccessAsync(cancellationToken);
            if (run < WarmUps)
                continue;
            samples.Add(elapsed);
            reference.Add(work);
        }

        var start = new Figure(
            $"agent: process start to file, {secrets} secret{(secrets == 1 ? "" : "s")}", samples.Percentile(50), targetMilliseconds, "ms",
            $"median, over TLS, as inotify tells it; {samples.Spread()}");
        return [start, start.AsRatio(reference)];
    }
}
