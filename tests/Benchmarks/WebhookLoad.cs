using System.Globalization;

namespace SidecarAgent.Benchmarks;

/// <summary>
/// The webhook under the load of many API servers, over kept TLS connections; the client runs on the same machine. What a
/// review costs is told in the webhook's own processor time, which holds on a busy machine too; rates and latencies do not.
/// </summary>
internal static class WebhookLoad
{
    private const int Connections = 8;
    private const int Starts = 7;
    private const int WarmUps = 20_000;
    private const int Saturation = 60_000;
    private const int Rate = 1_000;
    private const int Million = 1_000_000;
    private static readonly TimeSpan Steadily = TimeSpan.FromSeconds(15);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        var review = ReviewOfTenKilobytes.Write(asks: true);
        await using var rig = await ReviewRig.StartAsync(Connections, cancellationToken);
        await rig.AskAsync(review, WarmUps, cancellationToken);

        var reference = ReferenceWork.ToReadOnce(review);
        var (before, ownBefore) = (rig.CpuTime, ReviewRig.OwnCpuTime);
        var elapsed = await rig.AskAsync(review, Saturation, cancellationToken);
        var each = (rig.CpuTime - before) / Saturation;
        var asking = (ReviewRig.OwnCpuTime - ownBefore) / Saturation;
        var steady = await rig.AskSteadilyAsync(review, Rate, Steadily, cancellationToken);
        var bytes = review.Length.ToString(CultureInfo.InvariantCulture);
        return
        [
            new Figure("webhook: processor time of a review", each.TotalMicroseconds, 2_000_000 / 6_000.0, "us",
                $"TLS included, {bytes} bytes, injected; {2_000_000 / each.TotalMicroseconds:0}/s would fill two cores"),
            new Figure("webhook: the same beside reading its JSON", each / reference, 18, "x",
                $"reference work: Utf8JsonReader over the same bytes, {reference.TotalMicroseconds:0.0} us"),
            new Figure("webhook: reviews at saturation", Saturation / elapsed.TotalSeconds, 6_000, "/s",
                $"{Connections} connections; the client takes {asking.TotalMicroseconds:0} us of the same cores for each; load {LoadAverage()}") { AtLeast = true },
            new Figure($"webhook: p99 at {Rate} reviews/s", steady.Percentile(99), 5, "ms",
                $"from when each was due; median {steady.Percentile(50):0.0}, {steady.Spread()}"),
        ];
    }

    /// <summary>Of the last minute: how many wanted a core. Much over the number of cores, and rates say little.</summary>
    private static string LoadAverage() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    public static async Task<IReadOnlyList<Figure>> MeasureStartAsync(CancellationToken cancellationToken)
    {
        var starts = new Samples();
        for (var run = 0; run < Starts; run++)
        {
            await using var rig = await ReviewRig.StartAsync(connections: 0, cancellationToken);
            starts.Add(rig.StartedIn);
        }

        return [new Figure("webhook: start to ready", starts.Percentile(50), 500, "ms", $"median, asked every 20 ms; {starts.Spread()}")];
    }

    public static async Task<IReadOnlyList<Figure>> MeasureMemoryAsync(CancellationToken cancellationToken)
    {
        await using var rig = await ReviewRig.StartAsync(Connections, cancellationToken);
        var elapsed = await rig.AskAsync(ReviewOfTenKilobytes.Write(asks: true), Million, cancellationToken);
        var memory = ProcessMemory.Of(rig.ProcessId);
        return [new Figure("webhook: resident memory after a million reviews", memory.Resident, 45, "MB",
            $"right after {elapsed.TotalSeconds:0} s at full load; {memory.Anonymous:0.0} MB of it anonymous")];
    }
}
