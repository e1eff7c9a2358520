using System.Data.Common;

namespace SidecarAgent.Broker.Storage;

/// <summary>The one session that writes, and the transactions on it. When its connection is lost it waits for another.</summary>
/// <param name="session">Its own from here on.</param>
/// <param name="cache">Is told what was committed.</param>
internal sealed class Writer(Session session, SecretCache cache) : IAsyncDisposable
{
    private Session _session = session;
    private List<Work>? _inDoubt;
    private string? _transaction;

    /// <summary>How often it was lost. Sessions from before speak with a server that may not be the same any more.</summary>
    public int Losses { get; private set; }

    /// <summary>Why there is no connection; null: there is one.</summary>
    public StorageUnavailableException? Loss { get; private set; }

    /// <summary>Does what was brought, in one transaction, and tells whoever brought it how it went.</summary>
    public async Task CommitAsync(IReadOnlyList<Work> batch)
    {
        string? transaction = null;
        var committing = false;
        try
        {
            transaction = await _session.Statement(_session.Dialect.BeginWrite)
                .FirstAsync(row => row.GetString(0), CancellationToken.None);
            foreach (var work in batch)
                await work.RunAsync(_session);
            committing = true;
            await _session.ExecuteAsync("COMMIT", CancellationToken.None);
        }
        catch (Exception e) when (e is DbException || _session.IsLost)
        {
            await GiveUpAsync(e, batch, committing ? transaction : null);
            return;
        }

        // Before anybody is told that its work is done.
        cache.Apply(_session.Changes);
        _session.Changes.Clear();
        foreach (var work in batch)
            work.Complete();
    }

    /// <summary>Looks whether the connection is there still.</summary>
    public async Task AskAsync()
    {
        try
        {
            await _session.Statement("SELECT 1").NumberAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is DbException || _session.IsLost)
        {
            await LoseAsync(e);
        }
    }

    /// <summary>Goes on with another session, after it has found out what became of what was being committed.</summary>
    /// <exception cref="StorageUnavailableException">It is lost again.</exception>
    public async Task GoOnAsync(Session session)
    {
        var committed = false;
        try
        {
            // The session from before is gone, or this one would not be the writer's: its transaction is decided.
            if (_transaction is not null)
            {
                committed = await session.Statement(session.Dialect.HasCommitted!)
                    .With("id", _transaction).NumberAsync(CancellationToken.None) == 1;
            }
        }
        catch (Exception e) when (e is DbException || session.IsLost)
        {
            await session.DisposeAsync();
            throw new StorageUnavailableException($"The connection to the database is lost again: {e.Message}", e);
        }

        // What is read from here on is as new as what anybody is told next.
        cache.Resume();
        Decide(committed);
        _session = session;
        Loss = null;
    }

    /// <summary>Whoever waits to hear whether its work is done is told that this will not be known.</summary>
    public void Abandon()
    {
        foreach (var work in _inDoubt ?? [])
        {
            work.Fail(new StorageUnavailableException(
                "The connection to the database was lost while it was told to commit. Whether it did is not known.", Loss!));
        }

        _inDoubt = null;
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private void Decide(bool committed)
    {
        foreach (var work in _inDoubt ?? [])
        {
            if (committed)
                work.Complete();
            else
                work.Fail(Loss!);
        }

        (_inDoubt, _transaction) = (null, null);
    }

    private async Task GiveUpAsync(Exception cause, IReadOnlyList<Work> batch, string? committing)
    {
        _session.Changes.Clear();
        if (await IsRolledBackAsync())
        {
            Fail(batch, cause);
            return;
        }

        await LoseAsync(cause);
        if (committing is null)
            Fail(batch, cause);
        else
            (_inDoubt, _transaction) = ([.. batch], committing);
    }

    private static void Fail(IReadOnlyList<Work> batch, Exception cause)
    {
        var failure = new StorageUnavailableException($"The database could not write: {cause.Message}", cause);
        foreach (var work in batch)
            work.Fail(failure);
    }

    private async Task<bool> IsRolledBackAsync()
    {
        if (_session.IsLost)
            return false;
        try
        {
            await _session.ExecuteAsync("ROLLBACK", CancellationToken.None);
            return true;
        }
        catch (Exception e) when (e is DbException || _session.IsLost)
        {
            // SQLite has already rolled back by itself, as it does when the disk is full. There is nothing to undo.
            return _session.Dialect.HasCommitted is null;
        }
    }

    /// <summary>Nothing is answered from memory from here on: another broker may be writing.</summary>
    private async Task LoseAsync(Exception cause)
    {
        cache.Suspend();
        Losses++;
        Loss = new StorageUnavailableException($"The connection to the database is lost: {cause.Message}", cause);
        await _session.DisposeAsync();
    }
}
