using System.Diagnostics;

namespace SidecarAgent.Benchmarks;

/// <summary>From the operator's Put to the new value in the file, with a reader that looks for torn pairs all the while.</summary>
internal static class RotationToFile
{
    private const int Rotations = 500;
    private const int RotationsPerReference = 10;
    private const string Path = "kv/bench/pair";

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var rig = await Rig.StartAsync(cancellationToken);
        await rig.PutAsync(Path, "0", cancellationToken);
        var mount = rig.NewMount("rotation");
        var configuration = await rig.AgentConfigurationAsync(
            mount, [Rig.RawFile("username", Path, "username"), Rig.RawFile("password", Path, "password")], cancellationToken);
        await using var agent = rig.StartAgent("run", configuration);
        using var file = new WatchedFile(mount, "username");
        await file.WaitForAsync("-0", cancellationToken);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reader = PairReader.RunAsync(mount, stop.Token);
        var samples = new Samples();
        var reference = new Samples();
        for (var rotation = 1; rotation <= Rotations; rotation++)
        {
            var clock = Stopwatch.StartNew();
            await rig.PutAsync(Path, $"{rotation}", cancellationToken);
            await file.WaitForAsync($"-{rotation}", cancellationToken);
            samples.Add(clock.Elapsed);
            if (rotation % RotationsPerReference == 0)
                reference.Add(ReferenceWork.ToHash());
        }

        await stop.CancelAsync();
        var pairs = await reader;
        await agent.MustRunAsync();
        var note = $"Put to file, {samples.Spread()}";
        var slowest = new Figure("rotation: put to file visible, p99", samples.Percentile(99), 20, "ms", note);
        return
        [
            new Figure("rotation: put to file visible, p50", samples.Percentile(50), 10, "ms", note),
            slowest,
            slowest.AsRatio(reference),
            new Figure("rotation: torn pairs seen", pairs.Torn, 0, "", $"of {pairs.Read} pairs read in a loop"),
        ];
    }
}
