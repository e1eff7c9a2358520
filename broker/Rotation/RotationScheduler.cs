using SidecarAgent.Broker.Audit;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Secrets;
using SidecarAgent.Broker.Storage;

namespace SidecarAgent.Broker.Rotation;

/// <summary>
/// Opens rotations when their time has come. It sleeps until the next one is due, or until somebody changes a schedule;
/// what was missed while the broker was down is made up for once.
/// </summary>
internal sealed partial class RotationScheduler(
    Database database, Rotators rotators, RotationBook book, RotationRuns runs, RotationBoard board, AuditLog audit,
    RotationOptions options, TimeProvider clock, ILogger<RotationScheduler> logger)
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    private readonly LookAgain _look = new(clock);

    /// <summary>A schedule has changed.</summary>
    public void Wake() => _look.Tell();

    /// <summary>Works until it is cancelled; then it throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        board.Ended += Wake;
        try
        {
            await FollowAsync(cancellationToken);
        }
        finally
        {
            board.Ended -= Wake;
        }
    }

    /// <returns>When a secret is rotated by itself; null: never.</returns>
    public async Task<ScheduledSecret?> FindAsync(SecretPath path, CancellationToken cancellationToken) =>
        (await ListAsync(path, cancellationToken)).Find(secret => secret.Path == path);

    /// <param name="path">The secret.</param>
    /// <param name="schedule">When it is rotated; null: not by itself.</param>
    /// <param name="by">The operator.</param>
    public async Task SetAsync(SecretPath path, RotationSchedule? schedule, string by)
    {
        await database.WriteAsync(
            async session =>
            {
                if (schedule is null)
                    await RotationScheduleTable.RemoveAsync(session, path, CancellationToken.None);
                else
                    await RotationScheduleTable.SetAsync(session, path, schedule, clock.GetUtcNow(), by, CancellationToken.None);
                return true;
            },
            CancellationToken.None);
        Wake();
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        var failing = false;
        while (true)
        {
            _look.BeginLook();
            DateTimeOffset? next;
            try
            {
                next = await BeginDueAsync(cancellationToken);
                failing = false;
            }
            catch (Exception e) when (e is AuditUnavailableException or StorageUnavailableException)
            {
                if (!failing)
                    LogFailing(e.Message);
                failing = true;
                next = clock.GetUtcNow() + Retry;
            }

            await _look.WaitAsync(next, cancellationToken);
        }
    }

    /// <returns>When the next rotation is due; null: none ever is.</returns>
    private async Task<DateTimeOffset?> BeginDueAsync(CancellationToken cancellationToken)
    {
        var open = await database.ReadAsync(s => RotationTable.OpenPathsAsync(s, cancellationToken), cancellationToken);
        var idle = (await ListAsync(null, cancellationToken)).ExceptBy(open, secret => secret.Path).ToList();
        var now = clock.GetUtcNow();
        foreach (var secret in idle.Where(secret => secret.NextDue <= now))
        {
            await audit.AppendAsync(
                new AuditEntry(AuditAction.Rotate, Allowed: true, "its time has come") { Path = secret.Path.ToString() },
                cancellationToken);
            await book.BeginAsync(secret.Path, RotationTrigger.Schedule, "", options.Deadline);
            runs.Begin(secret.Path);
        }

        return idle.Where(secret => secret.NextDue > now).Select(secret => (DateTimeOffset?)secret.NextDue).Min();
    }

    /// <returns>All secrets that are rotated by themselves, or the one at the path.</returns>
    private async Task<List<ScheduledSecret>> ListAsync(SecretPath? path, CancellationToken cancellationToken)
    {
        var stored = await database.ReadAsync(
            s => RotationScheduleTable.ListAsync(s, path, cancellationToken), cancellationToken);
        return [.. stored, .. await ConfiguredAsync(path, cancellationToken)];
    }

    private async Task<List<ScheduledSecret>> ConfiguredAsync(SecretPath? path, CancellationToken cancellationToken)
    {
        var configured = new List<ScheduledSecret>();
        foreach (var (at, schedule) in rotators.Schedules.Where(entry => path is null || entry.Path == path))
        {
            var last = await database.ReadAsync(
                s => RotationScheduleTable.LastAsync(s, at, cancellationToken), cancellationToken);
            configured.Add(new ScheduledSecret(at, schedule, DateTimeOffset.UnixEpoch, "", last));
        }

        return configured;
    }

    [LoggerMessage(LogLevel.Error, "Rotations that are due cannot begin now: {Problem}. The broker tries again every few seconds.")]
    private partial void LogFailing(string problem);
}
