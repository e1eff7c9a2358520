using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace SidecarAgent.Broker.Storage;

/// <summary>The file of a SQLite database: who may read it, who uses it, whether it is whole.</summary>
internal static class SqliteFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Keeps a second broker off the same file: each would believe that it alone knows what has changed. The lock goes
    /// with the process, however it ends.
    /// </summary>
    /// <returns>The claim; dispose it to give the file free.</returns>
    /// <exception cref="CannotStartException">Another broker has it, or its directory cannot be written to.</exception>
    public static IDisposable Claim(string path)
    {
        try
        {
            return new FileStream(path + ".lock", new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = OwnerOnly,
            });
        }
        catch (DirectoryNotFoundException e)
        {
            throw new CannotStartException($"The directory of the database {path} does not exist. Create it first.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CannotStartException($"The directory of the database {path} cannot be written to: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new CannotStartException(
                $"The database {path} is in use by another broker ({e.Message}). Stop that one first.", e);
        }
    }

    /// <exception cref="CannotStartException">The file is no database, or a broken one.</exception>
    public static async Task<DbDataSource> OpenAsync(string path, CancellationToken cancellationToken)
    {
        CreateIfMissing(path);
        var source = SqliteFactory.Instance.CreateDataSource(
            new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }
                .ToString());
        if (await ProblemOfAsync(source, cancellationToken) is { } problem)
        {
            await source.DisposeAsync();
            throw new CannotStartException(
                $"The database {path} is broken ({problem}). It is not repaired by guess: restore it from a backup, "
                + "or move it away (with its -wal and -shm files) to begin with an empty one.");
        }

        return source;
    }

    private static void CreateIfMissing(string path)
    {
        try
        {
            // SQLite would create it readable by everybody; its side files take over the mode of this one.
            new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.ReadWrite,
                UnixCreateMode = OwnerOnly,
            }).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CannotStartException($"The database {path} cannot be opened for writing: {e.Message}", e);
        }
    }

    private static async Task<string?> ProblemOfAsync(DbDataSource source, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            // All pages and rows, not every entry of every index: that would take a second for a hundred thousand leases.
            command.CommandText = "PRAGMA quick_check(1)";
            var answer = (string?)await command.ExecuteScalarAsync(cancellationToken);
            return answer == "ok" ? null : answer?.ReplaceLineEndings(" ");
        }
        catch (SqliteException e) when (e.SqliteErrorCode is Broken or NoDatabase)
        {
            return e.Message;
        }
    }

    // https://www.sqlite.org/rescode.html
    private const int Broken = 11;
    private const int NoDatabase = 26;
}
