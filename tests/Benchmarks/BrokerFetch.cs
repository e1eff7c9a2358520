namespace SidecarAgent.Benchmarks;

/// <summary>
/// Fetches of a stored secret: authenticated, audited durably, under a lease. Rates say what this machine gave while it did
/// whatever else it did; the processor time of a fetch, broker and client together, says what two idle cores would give.
/// </summary>
internal static class BrokerFetch
{
    private const int Pods = 256;
    private const int Rate = 6_000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(10);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var rig = await BrokerRig.StartAsync(cancellationToken);
        await rig.PutAsync("kv/bench/db", "0", cancellationToken);
        var load = new FetchLoad(rig, rig.Tokens(Pods), "kv/bench/db");
        await load.RunAsync(WarmUp, Pods, cancellationToken);

        var reference = new Samples();
        reference.Add(ReferenceWork.ToHashOnEachCore());
        var kept = await load.RunAsync(Duration, Pods, cancellationToken);
        var fetch = load.CpuTime;
        reference.Add(ReferenceWork.ToHashOnEachCore());
        var connecting = await load.RunConnectingAsync(Duration, 32, cancellationToken);
        var connect = load.CpuTime;
        reference.Add(ReferenceWork.ToHashOnEachCore());
        var steady = await load.RunSteadilyAsync(Rate, Duration, Pods, cancellationToken);
        reference.Add(ReferenceWork.ToHashOnEachCore());
        var (rate, connected) = (
            new Figure("broker: fetches over kept connections", kept, 12_000, "/s", Cost(fetch)) { AtLeast = true },
            new Figure("broker: fetches with a new connection each", connecting, 750, "/s", Cost(connect)) { AtLeast = true });
        return
        [
            rate,
            rate.AsRatio(reference),
            new Figure("broker: processor time of a fetch", Sum(fetch), 2_000_000 / 12_000.0, "us", "client included"),
            connected,
            connected.AsRatio(reference),
            new Figure("broker: processor time of such a fetch", Sum(connect), 2_000_000 / 750.0, "us", "client included"),
            new Figure($"broker: p99 at {Rate} fetches/s", steady.Percentile(99), 20, "ms",
                $"from when each was due; median {steady.Percentile(50):0.0}, {steady.Spread()}"),
        ];
    }

    private static double Sum((TimeSpan Broker, TimeSpan Client) cpu) => (cpu.Broker + cpu.Client).TotalMicroseconds;

    private static string Cost((TimeSpan Broker, TimeSpan Client) cpu) =>
        $"each {cpu.Broker.TotalMicroseconds:0} us of the broker and {cpu.Client.TotalMicroseconds:0} us of the client: "
        + $"{2e6 / Sum(cpu):0}/s would fill two cores";
}
