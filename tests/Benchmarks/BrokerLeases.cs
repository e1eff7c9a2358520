using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Broker.Leases;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Benchmarks;

/// <summary>A broker that finds a hundred thousand live leases when it starts, beside one that finds none.</summary>
internal static class BrokerLeases
{
    private const int Leases = 100_000;
    private const int Starts = 5;
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(8);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var rig = await BrokerRig.StartAsync(cancellationToken);
        await rig.PutAsync("kv/bench/db", "0", cancellationToken);
        var (empty, before) = await StartAsync(rig, cancellationToken);
        await rig.StopAsync();
        await FillAsync(rig.Database, cancellationToken);
        var (full, after) = await StartAsync(rig, cancellationToken);
        return
        [
            new Figure($"broker: ready with {Leases} leases", full.Percentile(50), empty.Percentile(50) * 1.5, "ms",
                $"median, {full.Spread()}; the target is half as long again as with none, {empty.Percentile(50):0}"),
            new Figure($"broker: memory of each of {Leases} leases", (after - before) * 1e6 / Leases, 1_000, "B",
                $"anonymous memory of the broker {Settled.TotalSeconds:0} s after its start, beside that with none"),
        ];
    }

    private static async Task<(Samples Ready, double Memory)> StartAsync(BrokerRig rig, CancellationToken cancellationToken)
    {
        var ready = new Samples();
        for (var i = 0; i < Starts; i++)
        {
            await rig.StopAsync();
            var clock = Stopwatch.StartNew();
            await rig.StartAgainAsync(cancellationToken);
            ready.Add(clock.Elapsed);
        }

        await Task.Delay(Settled, TimeProvider.System, cancellationToken);
        return (ready, ProcessMemory.Of(rig.ProcessId).Anonymous);
    }

    private static async Task FillAsync(string file, CancellationToken cancellationToken)
    {
        await using var database = await Database.OpenAsync(
            new StorageOptions.Sqlite(file), TimeProvider.System, NullLogger.Instance, cancellationToken);
        var now = TimeProvider.System.GetUtcNow();
        foreach (var some in Enumerable.Range(0, Leases).Chunk(5_000))
        {
            await database.WriteAsync(
                async session =>
                {
                    foreach (var i in some)
                        await LeaseTable.AddAsync(session, Lease(i, now), null, now, cancellationToken);
                    return true;
                },
                cancellationToken);
        }
    }

    private static Lease Lease(int i, DateTimeOffset now) => new()
    {
        Id = Guid.NewGuid().ToString("N"),
        Workload = new Workload(
            "https://kubernetes.default.svc.cluster.local", "shop", "orders", $"orders-{i}", Guid.NewGuid().ToString(), $"node{i % 100}"),
        Path = SecretPath.Parse("kv/bench/db"),
        Version = 1,
        Fields = ["password", "username"],
        IssuedAt = now,
        ExpiresAt = now.AddHours(12),
        MaxExpiresAt = now.AddDays(1),
    };
}
