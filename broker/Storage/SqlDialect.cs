namespace SidecarAgent.Broker.Storage;

/// <summary>
/// What differs between the databases that the tables can live in. Everything else is SQL that all of them understand.
/// </summary>
internal sealed record SqlDialect
{
    public static SqlDialect Sqlite { get; } = new()
    {
        Bytes = "BLOB",
        // Durable when committed: an acknowledged version survives a power cut. What is deleted is overwritten.
        Prepare = ["PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON", "PRAGMA trusted_schema=OFF", "PRAGMA secure_delete=ON"],
        BeginRead = "BEGIN DEFERRED",
        BeginWrite = "BEGIN IMMEDIATE",
        CountTables = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table'",
        HasTable = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = @name",
        // Writers wait meanwhile, so it does not wait for readers for long.
        EmptyLog = ["PRAGMA busy_timeout=250", "PRAGMA wal_checkpoint(TRUNCATE)"],
    };

    /// <summary>
    /// Empties the log of what was written, which holds what was deleted since; the last one answers 0 where it could. Empty:
    /// nobody can be asked to.
    /// </summary>
    public IReadOnlyList<string> EmptyLog { get; init; } = [];

    /// <summary>The column type for bytes.</summary>
    public required string Bytes { get; init; }

    /// <summary>What every new connection is told first.</summary>
    public required IReadOnlyList<string> Prepare { get; init; }

    /// <summary>Begins a transaction that sees one state of the database.</summary>
    public required string BeginRead { get; init; }

    /// <summary>Begins a transaction that nobody else can write beside.</summary>
    public required string BeginWrite { get; init; }

    public required string CountTables { get; init; }

    public required string HasTable { get; init; }
}
