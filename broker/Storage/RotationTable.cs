using System.Data.Common;
using SidecarAgent.Broker.Rotation;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Storage;

/// <summary>Rotations: the open ones, at most one of a path, and the last few that have ended.</summary>
internal static class RotationTable
{
    /// <summary>Ended rotations that are kept of each path.</summary>
    private const int Kept = 10;

    private const string Columns =
        """
        id, path, state, began_by, operator, from_version, to_version, overlap, tainted, tainted_meanwhile, old_revoked,
        ignores_rejections, attempts, retry_at, reason, started_at, activated_at, deadline, converged_at, ended_at,
        left_behind, revision
        """;

    /// <returns>False: there is an open rotation of the path, and nothing was added.</returns>
    public static async Task<bool> AddAsync(
        Session session, SecretRotation rotation, CancellationToken cancellationToken) =>
        await Changeable(
            session.Statement(
                $"""
                INSERT INTO rotation ({Columns})
                VALUES (@id, @path, @state, @began_by, @operator, @from_version, @to_version, @overlap, @tainted,
                    @tainted_meanwhile, @old_revoked, @ignores_rejections, @attempts, @retry_at, @reason, @started_at,
                    @activated_at, @deadline, @converged_at, @ended_at, @left_behind, 0)
                ON CONFLICT DO NOTHING
                """),
            rotation)
            .With("path", rotation.Path.ToString()).With("began_by", rotation.Trigger).With("operator", rotation.By)
            .With("from_version", rotation.FromVersion).With("overlap", rotation.Overlap.Ticks / TimeSpan.TicksPerMicrosecond)
            .With("started_at", rotation.StartedAt)
            .ExecuteAsync(cancellationToken) > 0;

    /// <summary>Writes what of a rotation can change.</summary>
    /// <returns>False: it has ended, or somebody else has changed it since it was read; nothing was written.</returns>
    public static async Task<bool> SaveAsync(
        Session session, SecretRotation rotation, CancellationToken cancellationToken)
    {
        var saved = await Changeable(
            session.Statement(
                """
                UPDATE rotation SET
                    state = @state, to_version = @to_version, tainted = @tainted, tainted_meanwhile = @tainted_meanwhile,
                    old_revoked = @old_revoked, ignores_rejections = @ignores_rejections, attempts = @attempts,
                    retry_at = @retry_at, reason = @reason, activated_at = @activated_at, deadline = @deadline,
                    converged_at = @converged_at, ended_at = @ended_at, left_behind = @left_behind,
                    revision = revision + 1
                WHERE id = @id AND revision = @revision AND ended_at IS NULL
                """),
            rotation)
            .With("revision", rotation.Revision)
            .ExecuteAsync(cancellationToken) > 0;
        if (saved && rotation.EndedAt is not null)
            await PruneAsync(session, rotation.Path, cancellationToken);
        return saved;
    }

    /// <summary>Whether nobody has changed the rotation since it was read. What follows in the transaction relies on it.</summary>
    public static async Task<bool> IsUnchangedAsync(
        Session session, SecretRotation rotation, CancellationToken cancellationToken) =>
        await session.Statement("SELECT COUNT(*) FROM rotation WHERE id = @id AND revision = @revision AND ended_at IS NULL")
            .With("id", rotation.Id).With("revision", rotation.Revision).NumberAsync(cancellationToken) > 0;

    /// <returns>The open rotation of the path; null: there is none.</returns>
    public static Task<SecretRotation?> OpenAsync(Session session, SecretPath path, CancellationToken cancellationToken) =>
        session.Statement($"SELECT {Columns} FROM rotation WHERE path = @path AND ended_at IS NULL")
            .With("path", path.ToString()).FirstAsync(Rotation, cancellationToken);

    /// <returns>The open rotation of the path, or the one that ended last; null: there was none lately.</returns>
    public static Task<SecretRotation?> LatestAsync(Session session, SecretPath path, CancellationToken cancellationToken) =>
        session.Statement(
            $"""
            SELECT {Columns} FROM rotation WHERE path = @path
            ORDER BY CASE WHEN ended_at IS NULL THEN 0 ELSE 1 END, ended_at DESC, started_at DESC LIMIT 1
            """)
            .With("path", path.ToString()).FirstAsync(Rotation, cancellationToken);

    /// <returns>The paths of all open rotations, sorted.</returns>
    public static Task<List<SecretPath>> OpenPathsAsync(Session session, CancellationToken cancellationToken) =>
        session.Statement("SELECT path FROM rotation WHERE ended_at IS NULL ORDER BY path")
            .ListAsync(row => row.Path(0), cancellationToken);

    /// <returns>The open rotations, and with <paramref name="ended"/> those that are kept, sorted by path, newest first.</returns>
    public static Task<List<SecretRotation>> ListAsync(
        Session session, string prefix, bool ended, int limit, CancellationToken cancellationToken) =>
        session.Statement(
            $"""
            SELECT {Columns} FROM rotation
            WHERE substr(path, 1, length(@prefix)) = @prefix AND (ended_at IS NULL OR @ended = 1)
            ORDER BY path, started_at DESC LIMIT @limit
            """)
            .With("prefix", prefix).With("ended", ended ? 1 : 0).With("limit", limit).ListAsync(Rotation, cancellationToken);

    /// <summary>How the holders of a secret stand to one of its versions.</summary>
    public static async Task<RotationProgress> ProgressAsync(
        Session session, SecretPath path, ulong served, DateTimeOffset now, CancellationToken cancellationToken) =>
        (await session.Statement(
            """
            SELECT COUNT(DISTINCT holder),
                COUNT(DISTINCT CASE WHEN version = @served AND outcome = 1 THEN holder END),
                COUNT(DISTINCT CASE WHEN version <> @served THEN holder END),
                COUNT(DISTINCT CASE WHEN version = @served AND outcome = 2 THEN holder END)
            FROM lease WHERE path = @path AND expires_at > @now
            """)
            .With("path", path.ToString()).With("served", served).With("now", now)
            .FirstAsync(
                row => new RotationProgress(row.Count(0), row.Count(1), row.Count(2), row.Count(3)),
                cancellationToken))!;

    private static Task<int> PruneAsync(Session session, SecretPath path, CancellationToken cancellationToken) =>
        session.Statement(
            """
            DELETE FROM rotation WHERE path = @path AND ended_at IS NOT NULL AND id NOT IN (
                SELECT id FROM rotation WHERE path = @path AND ended_at IS NOT NULL
                ORDER BY ended_at DESC, started_at DESC LIMIT @kept)
            """)
            .With("path", path.ToString()).With("kept", Kept).ExecuteAsync(cancellationToken);

    private static Statement Changeable(Statement statement, SecretRotation rotation) => statement
        .With("id", rotation.Id).With("state", rotation.State).With("to_version", rotation.ToVersion)
        .With("tainted", rotation.Tainted ? 1 : 0).With("tainted_meanwhile", rotation.TaintedMeanwhile ? 1 : 0)
        .With("old_revoked", rotation.OldRevoked ? 1 : 0)
        .With("ignores_rejections", rotation.IgnoresRejections ? 1 : 0)
        .With("attempts", rotation.Attempts).With("retry_at", rotation.RetryAt).With("reason", rotation.Reason)
        .With("activated_at", rotation.ActivatedAt).With("deadline", rotation.Deadline)
        .With("converged_at", rotation.ConvergedAt).With("ended_at", rotation.EndedAt)
        .With("left_behind", rotation.LeftBehind);

    private static SecretRotation Rotation(DbDataReader row) => new()
    {
        Id = row.GetString(0),
        Path = row.Path(1),
        State = (RotationState)row.GetInt32(2),
        Trigger = (RotationTrigger)row.GetInt32(3),
        By = row.GetString(4),
        FromVersion = row.Number(5),
        ToVersion = row.Number(6),
        Overlap = TimeSpan.FromMicroseconds(row.GetInt64(7)),
        Tainted = row.GetInt32(8) == 1,
        TaintedMeanwhile = row.GetInt32(9) == 1,
        OldRevoked = row.GetInt32(10) == 1,
        IgnoresRejections = row.GetInt32(11) == 1,
        Attempts = row.GetInt32(12),
        RetryAt = row.OptionalTime(13),
        Reason = row.OptionalText(14),
        StartedAt = row.Time(15),
        ActivatedAt = row.OptionalTime(16),
        Deadline = row.OptionalTime(17),
        ConvergedAt = row.OptionalTime(18),
        EndedAt = row.OptionalTime(19),
        LeftBehind = row.GetInt32(20),
        Revision = row.GetInt64(21),
    };
}
