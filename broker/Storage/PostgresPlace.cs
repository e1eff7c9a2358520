namespace SidecarAgent.Broker.Storage;

/// <summary>
/// Where a session is. The same place has the same history: what was committed there is there, and a transaction's
/// outcome can be asked for.
/// </summary>
/// <param name="Home">The server's system identifier, and the oid of one of the broker's tables, which a dump does not keep.</param>
/// <param name="Timeline">Changes when a standby takes over, or a backup is recovered to a point in time.</param>
internal sealed record PostgresPlace(string Home, string Timeline)
{
    public static async Task<PostgresPlace> FindAsync(Session session, CancellationToken cancellationToken) =>
        (await session.Statement(
            """
            SELECT CAST(system_identifier AS text) || '/' || CAST(CAST(CAST('public.origin' AS regclass) AS oid) AS text),
                substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
            FROM pg_control_system()
            """)
            .FirstAsync(row => new PostgresPlace(row.GetString(0), row.GetString(1)), cancellationToken))!;
}
