using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Testing;

namespace SidecarAgent.Benchmarks;

/// <summary>The audit log alone, in this process, on the disk: what each answer waits for.</summary>
internal static class BrokerAudit
{
    private const int Callers = 512;
    private const int Alone = 500;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(5);

    private static readonly AuditEntry Entry = new(AuditAction.Issue, Allowed: true)
    {
        Workload = new Workload("https://kubernetes.default.svc.cluster.local", "shop", "orders", "orders-0", Guid.Empty.ToString(), "node1"),
        Path = "kv/bench/db",
        Version = 1,
        Fields = ["password", "username"],
        LeaseId = new string('0', 32),
    };

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        using var directory = TempDirectory.Create();
        var options = new AuditOptions(
            directory.File("audit.jsonl"), AuditOptions.DefaultMegabytes * AuditOptions.Megabyte, Checkpoints: null);
        await using var log = await AuditLog.OpenAsync(options, TimeProvider.System, NullLogger<AuditLog>.Instance);
        await RunAsync(log, TimeSpan.FromSeconds(1), cancellationToken);
        var many = await RunAsync(log, Duration, cancellationToken);

        var one = new Samples();
        for (var i = 0; i < Alone; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await log.AppendAsync(Entry, cancellationToken);
            one.Add(Stopwatch.GetElapsedTime(began));
        }

        return
        [
            new Figure("broker: durable audit entries", many, 15_000, "/s", $"{Callers} callers, each waits for its entry") { AtLeast = true },
            new Figure("broker: what an audit entry adds for one caller", one.Percentile(50), 5, "ms", $"median, p99 {one.Percentile(99):0.0}, {one.Spread()}"),
        ];
    }

    private static async Task<double> RunAsync(AuditLog log, TimeSpan duration, CancellationToken cancellationToken)
    {
        var before = log.Last;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(
            async () =>
            {
                while (clock.Elapsed < duration)
                    await log.AppendAsync(Entry, cancellationToken);
            },
            cancellationToken)));
        return (log.Last - before) / clock.Elapsed.TotalSeconds;
    }
}
