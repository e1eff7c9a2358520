using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Storage;

/// <summary>
/// Versions that are not to be served any more: deleted, which can be undone; destroyed, of which nothing is left but that
/// they were; pruned, which leave nothing.
/// </summary>
internal static class VersionTable
{
    public static IReadOnlyList<string> Step { get; } =
    [
        "ALTER TABLE secret_version ADD COLUMN deleted_at BIGINT",
        "ALTER TABLE secret_version ADD COLUMN destroyed_at BIGINT",
        "ALTER TABLE secret ADD COLUMN withdrawn_at BIGINT",
    ];

    /// <summary>Marks a version as deleted, unless it is.</summary>
    public static Task DeleteAsync(
        Session session, SecretPath path, ulong version, DateTimeOffset now, CancellationToken cancellationToken)
    {
        session.Changes.Add(new CacheChange(path));
        return session.Statement(
            "UPDATE secret_version SET deleted_at = @now WHERE path = @path AND version = @version AND deleted_at IS NULL")
            .With("path", path.ToString()).With("version", version).With("now", now).ExecuteAsync(cancellationToken);
    }

    /// <summary>Takes the mark away. The version must not be destroyed.</summary>
    public static Task UndeleteAsync(Session session, SecretPath path, ulong version, CancellationToken cancellationToken)
    {
        session.Changes.Add(new CacheChange(path));
        return session.Statement("UPDATE secret_version SET deleted_at = NULL WHERE path = @path AND version = @version")
            .With("path", path.ToString()).With("version", version).ExecuteAsync(cancellationToken);
    }

    /// <summary>Erases the fields of a version: their names, data keys and values.</summary>
    public static async Task DestroyAsync(
        Session session, SecretPath path, ulong version, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await DeleteAsync(session, path, version, now, cancellationToken);
        await session.Statement("DELETE FROM secret_field WHERE path = @path AND version = @version")
            .With("path", path.ToString()).With("version", version).ExecuteAsync(cancellationToken);
        await session.Statement(
            "UPDATE secret_version SET destroyed_at = @now WHERE path = @path AND version = @version AND destroyed_at IS NULL")
            .With("path", path.ToString()).With("version", version).With("now", now).ExecuteAsync(cancellationToken);
    }

    /// <summary>Nothing of the secret is served any more, until a version is activated.</summary>
    public static Task WithdrawAsync(Session session, SecretPath path, DateTimeOffset now, CancellationToken cancellationToken)
    {
        session.Changes.Add(new CacheChange(path));
        return session.Statement(
            "UPDATE secret SET active_version = 0, activated_at = NULL, withdrawn_at = @now WHERE path = @path")
            .With("path", path.ToString()).With("now", now).ExecuteAsync(cancellationToken);
    }

    /// <summary>
    /// Forgets versions that are older than the newest so many, unless they are served, held, or part of a rotation that is
    /// under way.
    /// </summary>
    public static async Task PruneAsync(
        Session session, SecretPath path, ulong oldestKept, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // A limit, because somebody may lower the number when there are thousands; the next versions take the rest along.
        var old = await session.Statement(
            """
            SELECT version FROM secret_version v
            WHERE v.path = @path AND v.version < @oldest
                AND NOT EXISTS (SELECT 1 FROM secret s WHERE s.path = v.path AND s.active_version = v.version)
                AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.path = v.path AND l.version = v.version AND l.expires_at > @now)
                AND NOT EXISTS (SELECT 1 FROM rotation r WHERE r.path = v.path AND r.ended_at IS NULL
                    AND (r.from_version = v.version OR r.to_version = v.version))
            ORDER BY version LIMIT 100
            """)
            .With("path", path.ToString()).With("oldest", oldestKept).With("now", now)
            .ListAsync(row => row.Number(0), cancellationToken);
        foreach (var version in old)
            await SecretTable.RemoveAsync(session, path, version, cancellationToken);
    }
}
