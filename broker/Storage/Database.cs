using System.Collections.Concurrent;
using System.Data.Common;

namespace SidecarAgent.Broker.Storage;

/// <summary>
/// The broker's database: many readers, one writer. A read sees one state of all tables; a write is durable when its
/// task completes.
/// </summary>
internal sealed class Database : IAsyncDisposable
{
    private const int Readers = 8;
    private const int EraseAttempts = 3;

    private readonly SecretCache _cache;
    private readonly DbDataSource _source;
    private readonly SqlDialect _dialect;
    private readonly WriteQueue _writes;
    private readonly IDisposable _claim;
    private readonly SemaphoreSlim _freeReaders = new(Readers);
    private readonly ConcurrentBag<Session> _idle = [];

    private Database(DbDataSource source, SqlDialect dialect, WriteQueue writes, SecretCache cache, IDisposable claim)
    {
        _cache = cache;
        _source = source;
        _dialect = dialect;
        _writes = writes;
        _claim = claim;
    }

    /// <summary>What of it is known without a query.</summary>
    public SecretCache Cache => _cache;

    /// <inheritdoc cref="WriteQueue.Running"/>
    public Task Writing => _writes.Running;

    /// <summary>Opens the file, or creates it, checks it and brings its tables up to date.</summary>
    /// <exception cref="CannotStartException">It cannot be used; the message says what to do.</exception>
    public static async Task<Database> OpenAsync(string sqliteFile, CancellationToken cancellationToken)
    {
        var claim = SqliteFile.Claim(sqliteFile);
        Session? session = null;
        try
        {
            var source = await SqliteFile.OpenAsync(sqliteFile, cancellationToken);
            session = await Session.OpenAsync(source, SqlDialect.Sqlite, cancellationToken);
            await Schema.MigrateAsync(session, sqliteFile, cancellationToken);
            var cache = new SecretCache();
            return new Database(source, SqlDialect.Sqlite, new WriteQueue(session, cache), cache, claim);
        }
        catch (Exception e)
        {
            if (session is not null)
                await session.DisposeAsync();
            claim.Dispose();
            if (e is DbException)
                throw new CannotStartException($"The database {sqliteFile} cannot be opened: {e.Message}", e);
            throw;
        }
    }

    /// <param name="work">Reads; it must not keep the session.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StorageUnavailableException">The database could not be read.</exception>
    public async Task<T> ReadAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        await _freeReaders.WaitAsync(cancellationToken);
        Session? session = null;
        using var fill = _cache.BeginFill();
        try
        {
            if (!_idle.TryTake(out session))
                session = await Session.OpenAsync(_source, _dialect, cancellationToken);
            session.Fill = fill;
            await session.ExecuteAsync(_dialect.BeginRead, CancellationToken.None);
            var result = await work(session);
            await session.ExecuteAsync("COMMIT", CancellationToken.None);
            _idle.Add(session);
            return result;
        }
        catch (Exception e)
        {
            // Its transaction may be open still: it is not used again.
            if (session is not null)
                await session.DisposeAsync();
            if (e is DbException)
                throw new StorageUnavailableException($"The database could not read: {e.Message}", e);
            throw;
        }
        finally
        {
            _freeReaders.Release();
        }
    }

    /// <inheritdoc cref="WriteQueue.WriteAsync"/>
    public Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) =>
        _writes.WriteAsync(work, cancellationToken);

    /// <summary>
    /// Tries to have the database's log hold nothing any more of what was deleted; tables do not. Where somebody reads all the
    /// time it does not come to that now, but with the next checkpoint.
    /// </summary>
    /// <returns>Whether it did.</returns>
    public async Task<bool> EraseAsync(CancellationToken cancellationToken)
    {
        if (_dialect.EmptyLog.Count == 0)
            return false;
        try
        {
            await using var session = await Session.OpenAsync(_source, _dialect, cancellationToken);
            foreach (var sql in _dialect.EmptyLog.SkipLast(1))
                await session.ExecuteAsync(sql, cancellationToken);
            for (var attempt = 0; attempt < EraseAttempts; attempt++)
            {
                if (await session.Statement(_dialect.EmptyLog[^1]).NumberAsync(cancellationToken) == 0)
                    return true;
            }
        }
        catch (DbException)
        {
            // What was to be erased is erased in the tables; whoever asked hears that the log still has it.
        }

        return false;
    }

    public async ValueTask DisposeAsync()
    {
        await _writes.DisposeAsync();
        foreach (var session in _idle)
            await session.DisposeAsync();
        await _source.DisposeAsync();
        _freeReaders.Dispose();
        _claim.Dispose();
    }
}
