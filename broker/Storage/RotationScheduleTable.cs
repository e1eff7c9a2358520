using System.Data.Common;
using SidecarAgent.Broker.Rotation;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Storage;

/// <summary>The schedules that operators have set.</summary>
internal static class RotationScheduleTable
{
    public static Task SetAsync(
        Session session, SecretPath path, RotationSchedule schedule, DateTimeOffset now, string by,
        CancellationToken cancellationToken) =>
        session.Statement(
            """
            INSERT INTO rotation_schedule (path, every, cron, set_at, set_by) VALUES (@path, @every, @cron, @set_at, @set_by)
            ON CONFLICT (path) DO UPDATE SET
                every = excluded.every, cron = excluded.cron, set_at = excluded.set_at, set_by = excluded.set_by
            """)
            .With("path", path.ToString()).With("every", schedule.Every?.Ticks / TimeSpan.TicksPerMicrosecond)
            .With("cron", schedule.Cron).With("set_at", now).With("set_by", by).ExecuteAsync(cancellationToken);

    public static Task RemoveAsync(Session session, SecretPath path, CancellationToken cancellationToken) =>
        session.Statement("DELETE FROM rotation_schedule WHERE path = @path")
            .With("path", path.ToString()).ExecuteAsync(cancellationToken);

    /// <returns>The secrets that have a schedule, sorted by path; of one path, if it is given.</returns>
    public static Task<List<ScheduledSecret>> ListAsync(
        Session session, SecretPath? path, CancellationToken cancellationToken) =>
        session.Statement(
            """
            SELECT path, every, cron, set_at, set_by,
                (SELECT activated_at FROM secret WHERE secret.path = rotation_schedule.path),
                (SELECT MAX(started_at) FROM rotation WHERE rotation.path = rotation_schedule.path)
            FROM rotation_schedule WHERE path = COALESCE(@path, path) ORDER BY path
            """)
            .With("path", path?.ToString()).ListAsync(Scheduled, cancellationToken);

    /// <returns>When the secret last got a new version, or a rotation of it began; null: never.</returns>
    public static async Task<DateTimeOffset?> LastAsync(
        Session session, SecretPath path, CancellationToken cancellationToken)
    {
        var (activated, started) = await session.Statement(
            """
            SELECT (SELECT activated_at FROM secret WHERE path = @path), (SELECT MAX(started_at) FROM rotation WHERE path = @path)
            """)
            .With("path", path.ToString())
            .FirstAsync(row => (row.OptionalTime(0), row.OptionalTime(1)), cancellationToken);
        return Later(activated, started);
    }

    private static ScheduledSecret Scheduled(DbDataReader row)
    {
        var every = row.IsDBNull(1) ? (TimeSpan?)null : TimeSpan.FromMicroseconds(row.GetInt64(1));
        if (!RotationSchedule.TryCreate(every, row.OptionalText(2), out var schedule, out var problem))
            throw new InvalidOperationException($"A stored schedule cannot be read: {problem}.");
        return new ScheduledSecret(
            row.Path(0), schedule, row.Time(3), row.GetString(4), Later(row.OptionalTime(5), row.OptionalTime(6)));
    }

    private static DateTimeOffset? Later(DateTimeOffset? a, DateTimeOffset? b) => a is null || b > a ? b : a;
}
