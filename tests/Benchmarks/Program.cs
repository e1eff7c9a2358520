using SidecarAgent.Benchmarks;

// `make bench`: each figure beside its target. A missed target is printed, not hidden; it does not fail the run, because
// machines differ. Only a measurement that could not be made does. Arguments choose benchmarks by a part of their name; the
// one that takes ten minutes runs only when it is asked for.
const string Long = "long";
(string Name, Func<CancellationToken, Task<IReadOnlyList<Figure>>> Measure)[] benchmarks =
[
    ("size", BinarySize.MeasureAsync),
    ("start", StartToFile.MeasureAsync),
    ("rotation", RotationToFile.MeasureAsync),
    ("memory", AgentMemory.MeasureAsync),
    (Long, TenMinutes.MeasureAsync),
    ("webhook-start", WebhookLoad.MeasureStartAsync),
    ("webhook-load", WebhookLoad.MeasureAsync),
    ("webhook-million", WebhookLoad.MeasureMemoryAsync),
    ("broker-fetch", BrokerFetch.MeasureAsync),
    ("broker-watch", BrokerWatch.MeasureAsync),
    ("broker-revoke", BreakGlass.MeasureAsync),
    ("broker-accounts", BrokerAccounts.MeasureAsync),
    ("broker-audit", BrokerAudit.MeasureAsync),
    ("broker-leases", BrokerLeases.MeasureAsync),
];

using var stopped = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stopped.Cancel();
};

Console.WriteLine($"{Environment.ProcessorCount} cores, {Environment.OSVersion}, .NET {Environment.Version}");
Figure.PrintHeader(Console.Out);
foreach (var (name, measure) in benchmarks)
{
    if (args.Length > 0 ? !args.Any(name.Contains) : name == Long)
        continue;
    foreach (var figure in await measure(stopped.Token))
        figure.Print(Console.Out);
}

return 0;
