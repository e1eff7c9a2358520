using System.Diagnostics;

namespace SidecarAgent.Benchmarks;

/// <summary>
/// Two agents for ten minutes, as a cluster would treat them: a thousand rotations evenly over that time, and every ten
/// seconds a probe and a scrape. Does their memory stay what it was after two minutes?
/// </summary>
internal static class TenMinutes
{
    private const int Rotations = 1_000;

    /// <summary>By how much what a collection leaves differs from one to the next; what is not yet collected comes and goes by 1.5 MB.</summary>
    private const double Swing = 0.3;

    private static readonly TimeSpan All = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(2);
    /// <summary>Two collections are in it: one comes half a minute after a rotation.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Probe = TimeSpan.FromSeconds(10);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var rig = await Rig.StartAsync(cancellationToken);
        await using var five = await SteadyAgent.StartAsync(rig, secrets: 5, cancellationToken);
        await using var twenty = await SteadyAgent.StartAsync(rig, secrets: 20, cancellationToken);
        var small = new MemoryWindows(five);
        var large = new MemoryWindows(twenty);
        var clock = Stopwatch.StartNew();
        var probed = TimeSpan.Zero;
        for (var rotation = 1; rotation <= Rotations; rotation++)
        {
            await rig.PutAsync(Rig.Secret(1), $"{rotation}", cancellationToken);
            await five.WaitForAsync($"-{rotation}", cancellationToken);
            await twenty.WaitForAsync($"-{rotation}", cancellationToken);
            if (clock.Elapsed - probed > Probe)
            {
                probed = clock.Elapsed;
                await five.AskAsync(cancellationToken);
                await twenty.AskAsync(cancellationToken);
            }

            await small.LookAsync(clock.Elapsed);
            await large.LookAsync(clock.Elapsed);
            var early = (All * rotation / Rotations) - clock.Elapsed;
            if (early > TimeSpan.Zero)
                await Task.Delay(early, TimeProvider.System, cancellationToken);
        }

        return [.. small.Figures("5 secrets", 8), .. large.Figures("20 secrets", 10)];
    }

    /// <summary>An agent's memory in the second minute and in the last.</summary>
    private sealed class MemoryWindows(SteadyAgent agent)
    {
        private readonly List<ProcessMemory> _early = [];
        private readonly List<ProcessMemory> _late = [];

        public async Task LookAsync(TimeSpan elapsed)
        {
            if (elapsed > Early - Window && elapsed <= Early)
                _early.Add(await agent.MemoryAsync());
            else if (elapsed > All - Window)
                _late.Add(await agent.MemoryAsync());
        }

        public IEnumerable<Figure> Figures(string which, double targetMegabytes)
        {
            var note = $"after {All.TotalMinutes:0} minutes, {Rotations} rotations, probed and scraped; median of {_late.Count}";
            var (before, after) = (_early.Min(memory => memory.Anonymous), _late.Min(memory => memory.Anonymous));
            yield return new Figure($"agent: anonymous memory, {which}, long", Median(_late, memory => memory.Anonymous), targetMegabytes, "MB", note);
            yield return new Figure($"agent: resident memory, {which}, long", Median(_late, memory => memory.Resident), 26, "MB", note);
            yield return new Figure(
                $"agent: growth, {which}, minute 2 to 10", after - before, Swing, "MB", $"anonymous at its least, from {before:0.00} to {after:0.00}");
        }

        private static double Median(List<ProcessMemory> looks, Func<ProcessMemory, double> of) =>
            looks.Select(of).Order().ElementAt(looks.Count / 2);
    }
}
