using System.Collections.Concurrent;
using System.Data.Common;
using SidecarAgent.Broker.Configuration;

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
    private readonly Store _store;
    private readonly WriteQueue _writes;
    private readonly SemaphoreSlim _freeReaders = new(Readers);
    private readonly ConcurrentBag<(Session Session, int Losses)> _idle = [];

    private Database(Store store, WriteQueue writes, SecretCache cache)
    {
        _cache = cache;
        _store = store;
        _writes = writes;
    }

    /// <summary>What of it is known without a query.</summary>
    public SecretCache Cache => _cache;

    /// <inheritdoc cref="WriteQueue.Running"/>
    public Task Writing => _writes.Running;

    /// <inheritdoc cref="WriteQueue.Problem"/>
    public StorageUnavailableException? Problem => _writes.Problem;

    /// <inheritdoc cref="Writer.Losses"/>
    public int Losses => _writes.Losses;

    /// <inheritdoc cref="Store.CopyOf"/>
    public string? CopyOf => _store.CopyOf;

    /// <summary>Opens the database, checks it, makes it this process's own and brings its tables up to date.</summary>
    /// <exception cref="CannotStartException">It cannot be used; the message says what to do.</exception>
    public static async Task<Database> OpenAsync(
        StorageOptions options, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        var store = options.Store(logger);
        try
        {
            var session = await store.OpenWriterAsync(cancellationToken);
            var cache = new SecretCache();
            var writes = new WriteQueue(new Writer(session, cache), new Reconnection(store, clock, logger), store.Beat, clock);
            return new Database(store, writes, cache);
        }
        catch
        {
            await store.DisposeAsync();
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
        // In this order: what a session from before a loss reads is not kept after it.
        using var fill = _cache.BeginFill();
        var losses = _writes.Losses;
        try
        {
            session = await BeginAsync(losses, cancellationToken);
            session.Fill = fill;
            var result = await work(session);
            await session.ExecuteAsync("COMMIT", CancellationToken.None);
            _idle.Add((session, losses));
            return result;
        }
        catch (Exception e)
        {
            var isLost = session?.IsLost == true;
            if (session is not null)
                await GiveBackAsync(session, losses);
            if (e is DbException || (isLost && !cancellationToken.IsCancellationRequested))
                throw new StorageUnavailableException($"The database could not read: {e.Message}", e);
            throw;
        }
        finally
        {
            _freeReaders.Release();
        }
    }

    /// <summary>
    /// Has the database say that it is used here. From then on it is no copy any more: only after it is on record that it
    /// was one.
    /// </summary>
    public Task SettleAsync() => WriteAsync(
        async session =>
        {
            await OriginTable.WriteAsync(session, _store.Origin, CancellationToken.None);
            return true;
        },
        CancellationToken.None);

    /// <inheritdoc cref="WriteQueue.WriteAsync"/>
    public Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) =>
        _writes.WriteAsync(work, cancellationToken);

    /// <summary>
    /// Tries to have the database's files hold nothing any more of what was deleted. Where somebody reads all the time, and
    /// with a server, it does not come to that now.
    /// </summary>
    /// <returns>Whether it did.</returns>
    public async Task<bool> EraseAsync(CancellationToken cancellationToken)
    {
        if (_store.Dialect.EmptyLog.Count == 0)
            return false;
        try
        {
            await using var session = await _store.OpenReaderAsync(cancellationToken);
            foreach (var sql in _store.Dialect.EmptyLog.SkipLast(1))
                await session.ExecuteAsync(sql, cancellationToken);
            for (var attempt = 0; attempt < EraseAttempts; attempt++)
            {
                if (await session.Statement(_store.Dialect.EmptyLog[^1]).NumberAsync(cancellationToken) == 0)
                    return true;
            }
        }
        catch (Exception e) when (e is DbException or StorageUnavailableException)
        {
            // What was to be erased is deleted; whoever asked hears that the database's files may still hold it.
        }

        return false;
    }

    public async ValueTask DisposeAsync()
    {
        await _writes.DisposeAsync();
        foreach (var (session, _) in _idle)
            await session.DisposeAsync();
        await _store.DisposeAsync();
        _freeReaders.Dispose();
    }

    /// <summary>It is used again if its transaction, which may be open still, can be ended.</summary>
    private async Task GiveBackAsync(Session session, int losses)
    {
        try
        {
            await session.ExecuteAsync("ROLLBACK", CancellationToken.None);
            _idle.Add((session, losses));
        }
        catch (Exception e) when (e is DbException || session.IsLost)
        {
            await session.DisposeAsync();
        }
    }

    /// <returns>A session with a transaction that reads, on a connection that was there when it began.</returns>
    private async Task<Session> BeginAsync(int losses, CancellationToken cancellationToken)
    {
        while (_idle.TryTake(out var idle))
        {
            // When the writer was lost, the server may have become another.
            if (idle.Losses == losses && await BeginAsync(idle.Session))
                return idle.Session;
            await idle.Session.DisposeAsync();
        }

        var session = await _store.OpenReaderAsync(cancellationToken);
        if (await BeginAsync(session))
            return session;
        await session.DisposeAsync();
        throw new StorageUnavailableException(
            "The database could not read: a new connection was lost at once.", new InvalidOperationException("Nothing can be read."));
    }

    /// <returns>False: it was lost while nobody used it, as all are when a server starts again.</returns>
    private async Task<bool> BeginAsync(Session session)
    {
        try
        {
            await session.ExecuteAsync(_store.Dialect.BeginRead, CancellationToken.None);
            return true;
        }
        catch (Exception e) when (e is DbException || session.IsLost)
        {
            return false;
        }
    }
}
