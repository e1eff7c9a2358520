namespace SidecarAgent.Broker.Storage;

/// <summary>Whether a PostgreSQL server can keep what the broker confirms.</summary>
internal static partial class PostgresServerCheck
{
    /// <summary>The first with <c>pg_xact_status</c>, as in <c>server_version_num</c>.</summary>
    private const int Oldest = 130000;

    private sealed record Server(
        int Version, string VersionText, string Encoding, bool IsStandby, bool Flushes, string Commit, PostgresBackend Backend);

    /// <summary>Makes sure, and sees to it that a commit of the session is durable when it is confirmed.</summary>
    /// <returns>The session's backend.</returns>
    /// <exception cref="CannotStartException">It cannot; the message says why.</exception>
    public static async Task<PostgresBackend> RunAsync(
        Session session, string name, int processId, ILogger logger, CancellationToken cancellationToken)
    {
        var server = await AskAsync(session, cancellationToken);
        if (server.Version < Oldest)
            throw new CannotStartException($"The database {name} is on PostgreSQL {server.VersionText}; the broker needs 13 or newer.");
        if (server.Encoding != "UTF8")
        {
            throw new CannotStartException(
                $"The database {name} has the encoding {server.Encoding}; the broker needs UTF8. Make another: "
                + "CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0");
        }

        // A pooler gives its clients process ids of its own. Behind one, two brokers may share a session, and its lock.
        if (server.Backend.ProcessId != processId)
        {
            throw new CannotStartException(
                $"The database {name} is behind a connection pooler, such as PgBouncer, where a session is not the broker's "
                + "own. Configure the address of the server itself.");
        }

        if (server.IsStandby)
            throw new CannotStartException($"The database {name} is on a standby, which cannot be written to. Configure the primary server.");
        if (!server.Flushes)
            LogNotFlushed(logger, name);
        if (server.Commit == "off")
            await session.ExecuteAsync("SET synchronous_commit = on", cancellationToken);
        return server.Backend;
    }

    private static async Task<Server> AskAsync(Session session, CancellationToken cancellationToken) =>
        (await session.Statement(
            """
            SELECT CAST(current_setting('server_version_num') AS integer), current_setting('server_version'),
                current_setting('server_encoding'), CAST(pg_is_in_recovery() AS integer), current_setting('fsync'),
                current_setting('synchronous_commit'), pid, CAST(backend_start AS text)
            FROM pg_stat_activity WHERE pid = pg_backend_pid()
            """)
            .FirstAsync(
                row => new Server(
                    row.GetInt32(0), row.GetString(1), row.GetString(2), row.GetInt32(3) == 1, row.GetString(4) == "on",
                    row.GetString(5), new PostgresBackend(row.GetInt32(6), row.GetString(7))),
                cancellationToken))!;

    [LoggerMessage(LogLevel.Warning, "The server of the database {Name} runs with fsync=off: when its machine fails, secrets that the broker has confirmed are lost, or the database is broken. Switch fsync on.")]
    private static partial void LogNotFlushed(ILogger logger, string name);
}
