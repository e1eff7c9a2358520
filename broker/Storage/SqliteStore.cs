using System.Data.Common;

namespace SidecarAgent.Broker.Storage;

/// <summary>A SQLite file. Its sessions are never lost.</summary>
internal sealed class SqliteStore(string file) : Store(SqlDialect.Sqlite)
{
    /// <summary>
    /// A secret that thousands hold has as many leases, all over the table and its indexes: 16 MiB of pages stay in memory,
    /// where the default is 2, and the log is copied back when it is so long, and not four times in one change.
    /// </summary>
    private static readonly string[] WriterSettings = ["PRAGMA cache_size=-16384", "PRAGMA wal_autocheckpoint=4096"];

    private IDisposable? _claim;
    private DbDataSource? _source;

    public override string Name => file;

    public override async Task<Session> OpenWriterAsync(CancellationToken cancellationToken)
    {
        _claim ??= SqliteFile.Claim(file);
        _source ??= await SqliteFile.OpenAsync(file, cancellationToken);
        Session? session = null;
        try
        {
            session = await OpenReaderAsync(cancellationToken);
            foreach (var sql in WriterSettings)
                await session.Statement(sql).ExecuteAsync(cancellationToken);
            await Schema.MigrateAsync(session, Name, cancellationToken);
            var origin = await OriginTable.ReadAsync(session, cancellationToken);
            if (origin.CopiedAt is { } copiedAt)
                CopyOf = $"the backup of {copiedAt:yyyy-MM-ddTHH:mm:ssZ}";
            Origin = new Origin("", null, Owner);
            return session;
        }
        catch (Exception e)
        {
            if (session is not null)
                await session.DisposeAsync();
            if (e is DbException)
                throw new CannotStartException($"The database {file} cannot be opened: {e.Message}", e);
            throw;
        }
    }

    public override Task<Session> OpenReaderAsync(CancellationToken cancellationToken) =>
        Session.OpenAsync(_source!, Dialect, cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        if (_source is not null)
            await _source.DisposeAsync();
        _claim?.Dispose();
    }
}
