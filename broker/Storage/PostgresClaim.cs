using System.Globalization;

namespace SidecarAgent.Broker.Storage;

/// <summary>A backend process of a server; process ids are used again, so its beginning belongs to it.</summary>
internal sealed record PostgresBackend(int ProcessId, string Began);

/// <summary>Who has the lock.</summary>
/// <param name="Backend">Null: it has gone meanwhile.</param>
/// <param name="Address">Empty: not to be seen, or a socket.</param>
internal sealed record PostgresHolder(PostgresBackend? Backend, string Address)
{
    /// <summary>In parentheses, after a space; empty if nothing is known.</summary>
    public override string ToString() => Backend is null
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $" (session {Backend.ProcessId}{(Address.Length > 0 ? $" from {Address}" : "")}, since {Backend.Began})");
}

/// <summary>The advisory lock of the session that owns a database (the manual, 13.3.5). It ends with the session.</summary>
internal static class PostgresClaim
{
    /// <summary>"sidecar" and a number, so that no other program comes upon it by chance.</summary>
    private const long Key = 0x7369646563617201;

    public static async Task<bool> TryAsync(Session session, CancellationToken cancellationToken) =>
        await session.Statement("SELECT CAST(pg_try_advisory_lock(@key) AS integer)")
            .With("key", Key).NumberAsync(cancellationToken) == 1;

    public static async Task<PostgresHolder> HolderAsync(Session session, CancellationToken cancellationToken) =>
        await session.Statement(
            """
            SELECT a.pid, COALESCE(host(a.client_addr), ''), COALESCE(CAST(a.backend_start AS text), '')
            FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
                AND CAST(l.classid AS bigint) = @high AND CAST(l.objid AS bigint) = @low
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """)
            .With("high", Key >> 32).With("low", Key & 0xFFFFFFFF)
            .FirstAsync(
                row => new PostgresHolder(new PostgresBackend(row.GetInt32(0), row.GetString(2)), row.GetString(1)),
                cancellationToken) ?? new PostgresHolder(null, "");

    /// <summary>Ends a session of the same account.</summary>
    public static Task EndAsync(Session session, PostgresBackend backend, CancellationToken cancellationToken) =>
        session.Statement(
            """
            SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE pid = @pid AND CAST(backend_start AS text) = @began
            """)
            .With("pid", backend.ProcessId).With("began", backend.Began).NumberAsync(cancellationToken);
}
