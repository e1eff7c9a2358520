namespace SidecarAgent.Benchmarks;

/// <summary>What running agents with five and with twenty secrets cost after a minute, and the first while nothing happens.</summary>
internal static class AgentMemory
{
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(120);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var rig = await Rig.StartAsync(cancellationToken);
        await using var five = await SteadyAgent.StartAsync(rig, secrets: 5, cancellationToken);
        await using var twenty = await SteadyAgent.StartAsync(rig, secrets: 20, cancellationToken);
        await Task.Delay(Settled, TimeProvider.System, cancellationToken);
        var (small, large) = (await five.MemoryAsync(), await twenty.MemoryAsync());

        var before = await five.ProcessorTimeAsync();
        await Task.Delay(Idle, TimeProvider.System, cancellationToken);
        var idle = await five.ProcessorTimeAsync() - before;

        var note = $"run, after {Settled.TotalSeconds:0} s";
        return
        [
            new Figure("agent: resident memory, 5 secrets", small.Resident, 26, "MB", note),
            new Figure("agent: anonymous memory, 5 secrets", small.Anonymous, 8, "MB", note),
            new Figure("agent: resident memory, 20 secrets", large.Resident, 26, "MB", note),
            new Figure("agent: anonymous memory, 20 secrets", large.Anonymous, 10, "MB", note),
            new Figure("agent: idle processor time", idle.TotalMilliseconds, 15, "ms", $"in {Idle.TotalSeconds:0} s, 5 secrets"),
        ];
    }
}
