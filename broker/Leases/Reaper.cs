using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Storage;
using SidecarAgent.Broker.Telemetry;

namespace SidecarAgent.Broker.Leases;

/// <summary>Ends leases whose time is over, counts those that live, and sums up who was turned away.</summary>
internal sealed partial class Reaper(
    Gate gate, LeaseBook leases, BrokerMetrics metrics, TimeProvider clock, ILogger<Reaper> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>At a time, so that a great many leases do not hold up everybody else.</summary>
    private const int Batch = 500;

    private bool _failing;

    /// <summary>Works until it is cancelled; then it throws. An outage of the audit log or the database passes.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                var ended = Batch;
                while (ended == Batch)
                    ended = await gate.ExpireAsync(Batch, cancellationToken);
                await gate.SumUpTurnedAwayAsync(cancellationToken);
                metrics.CountedLeases(await leases.CountAsync(cancellationToken));
                _failing = false;
            }
            catch (Exception e) when (e is AuditUnavailableException or StorageUnavailableException)
            {
                if (!_failing)
                    LogFailing(e.Message);
                _failing = true;
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    [LoggerMessage(LogLevel.Error, "Expired leases cannot be ended now: {Problem}. They count as ended all the same; the broker tries again every second.")]
    private partial void LogFailing(string problem);
}
