namespace SidecarAgent.Broker.Storage;

/// <summary>
/// What differs between the databases that the tables can live in. Everything else is SQL that all of them understand.
/// </summary>
internal sealed record SqlDialect
{
    public static SqlDialect Sqlite { get; } = new()
    {
        Bytes = "BLOB",
        Text = "TEXT",
        // Durable when committed: an acknowledged version survives a power cut. What is deleted is overwritten.
        Prepare =
        [
            "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON", "PRAGMA trusted_schema=OFF",
            "PRAGMA secure_delete=ON",
        ],
        BeginRead = "BEGIN DEFERRED",
        BeginWrite = "BEGIN IMMEDIATE",
        CountTables = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table'",
        HasTable = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = @name",
        // Writers wait meanwhile, so it does not wait for readers for long.
        EmptyLog = ["PRAGMA busy_timeout=250", "PRAGMA wal_checkpoint(TRUNCATE)"],
    };

    public static SqlDialect Postgres { get; } = new()
    {
        Bytes = "BYTEA",
        // Sorted by bytes, as SQLite does, whatever the database's own language is.
        Text = "TEXT COLLATE \"C\"",
        Prepare = [],
        BeginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        BeginWrite = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT CAST(pg_current_xact_id() AS text)",
        HasCommitted = "SELECT COUNT(*) WHERE pg_xact_status(CAST(CAST(@id AS text) AS xid8)) = 'committed'",
        // What extensions have put there is not the database's own.
        CountTables =
            """
            SELECT COUNT(*) FROM pg_class c WHERE relnamespace = CAST('public' AS regnamespace) AND relkind IN ('r', 'p')
            AND NOT EXISTS (
                SELECT 1 FROM pg_depend d WHERE d.classid = CAST('pg_class' AS regclass) AND d.objid = c.oid AND d.deptype = 'e')
            """,
        HasTable =
            """
            SELECT COUNT(*) FROM pg_class
            WHERE relnamespace = CAST('public' AS regnamespace) AND relkind IN ('r', 'p') AND relname = CAST(@name AS text)
            """,
    };

    /// <summary>
    /// Empties the log of what was written, which holds what was deleted since; the last one answers 0 where it could. Empty:
    /// nobody can be asked to.
    /// </summary>
    public IReadOnlyList<string> EmptyLog { get; init; } = [];

    /// <summary>The column type for bytes.</summary>
    public required string Bytes { get; init; }

    /// <summary>The column type for texts, which compare byte by byte.</summary>
    public required string Text { get; init; }

    /// <summary>What every new connection is told first.</summary>
    public required IReadOnlyList<string> Prepare { get; init; }

    /// <summary>Begins a transaction that sees one state of the database.</summary>
    public required string BeginRead { get; init; }

    /// <summary>
    /// Begins a transaction that nobody else can write beside. Where a connection can be lost, it returns the
    /// transaction's id.
    /// </summary>
    public required string BeginWrite { get; init; }

    /// <summary>Asked on another connection: 1 if the transaction <c>@id</c> has committed. Null: nobody needs to ask.</summary>
    public string? HasCommitted { get; init; }

    public required string CountTables { get; init; }

    public required string HasTable { get; init; }
}
