using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace SidecarAgent.Broker.Storage;

/// <summary>Copies a SQLite database as it is at one moment, also while a broker writes to it, and looks whether the copy is whole.</summary>
internal static class SqliteBackup
{
    /// <param name="source">The broker's database.</param>
    /// <param name="target">The file to make, mode 0600, on disk when the task completes.</param>
    /// <param name="now">What the copy says of when it was made.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CannotStartException">There is no such database, or it cannot be copied; no file is left.</exception>
    /// <exception cref="IOException">The target exists already, or cannot be made.</exception>
    public static async Task<BackupContents> WriteAsync(
        string source, string target, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!File.Exists(source))
            throw new CannotStartException($"There is no database {source}.");
        using var file = new FileStream(target, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        try
        {
            await CopyAsync(source, target, cancellationToken);
            var contents = await CheckAsync(target, now, cancellationToken);
            file.Flush(flushToDisk: true);
            return contents;
        }
        catch (Exception e)
        {
            File.Delete(target);
            if (e is DbException)
                throw new CannotStartException($"No backup was made of {source}: {e.Message}", e);
            throw;
        }
    }

    /// <summary>Into a new file, so that what was deleted in the old one is not carried along.</summary>
    private static async Task CopyAsync(string source, string target, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(source, SqliteOpenMode.ReadOnly, cancellationToken);
        var version = await Schema.KnownVersionAsync(new Session(connection, SqlDialect.Sqlite), cancellationToken);
        if (version != Schema.Newest)
        {
            throw new CannotStartException(
                $"The database {source} is not of this version of the broker (schema {version?.ToString() ?? "none"}, expected "
                + $"{Schema.Newest}). Make the backup with the program that uses the database.");
        }

        await using var command = connection.CreateCommand();
        command.CommandText = "VACUUM INTO @target";
        command.Parameters.AddWithValue("target", target);
        // As long as it takes.
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<BackupContents> CheckAsync(string target, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = new Session(
            await OpenAsync(target, SqliteOpenMode.ReadWrite, cancellationToken), SqlDialect.Sqlite);
        var origin = await OriginTable.ReadAsync(session, cancellationToken);
        await OriginTable.WriteAsync(session, origin with { CopiedAt = now }, cancellationToken);
        var verdict = await session.Statement("PRAGMA integrity_check(1)").Unhurried()
            .FirstAsync(row => row.GetString(0), cancellationToken);
        if (verdict != "ok")
            throw new CannotStartException($"The copy is broken ({verdict?.ReplaceLineEndings(" ")}), and with it probably the database. Nothing is kept.");
        return await BackupContents.CountAsync(session, cancellationToken);
    }

    private static async Task<SqliteConnection> OpenAsync(string file, SqliteOpenMode mode, CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ToString());
        await connection.OpenAsync(cancellationToken);
        return connection;
    }
}
