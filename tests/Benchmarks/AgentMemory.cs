namespace SidecarAgent.Benchmarks;

/// <summary>What a running agent with five secrets costs after a minute.</summary>
internal static class AgentMemory
{
    private const int Secrets = 5;
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(60);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var rig = await Rig.StartAsync(cancellationToken);
        var secrets = Enumerable.Range(1, Secrets).Select(number => $"kv/bench/secret{number}").ToList();
        foreach (var secret in secrets)
            await rig.PutAsync(secret, "0", cancellationToken);

        var mount = rig.NewMount("memory");
        // One more file of a secret that is there anyway, whose last bytes say that it is complete.
        var configuration = await rig.AgentConfigurationAsync(
            mount, [.. secrets.Select(Rig.JsonFile), Rig.RawFile("mark", secrets[0], "username")], cancellationToken);
        await using var agent = rig.StartAgent("run", configuration);
        using var file = new WatchedFile(mount, "mark");
        await file.WaitForAsync("-0", cancellationToken);
        await Task.Delay(Settled, TimeProvider.System, cancellationToken);
        await agent.MustRunAsync();

        var memory = ProcessMemory.Of(agent.Id);
        var note = $"run with {Secrets} secrets, after {Settled.TotalSeconds:0} s";
        return
        [
            new Figure("agent: resident memory", memory.Resident, 30, "MB", note),
            new Figure("agent: anonymous memory", memory.Anonymous, 11, "MB", note),
        ];
    }
}
