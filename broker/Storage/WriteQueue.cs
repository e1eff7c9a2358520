using System.Data.Common;
using System.Threading.Channels;

namespace SidecarAgent.Broker.Storage;

/// <summary>
/// The only writer. What waits while one transaction is being made durable goes into the next one together (group
/// commit), so that many callers share the cost of one flush. Each piece of work has its own savepoint: one that fails
/// takes nothing of the others with it.
/// </summary>
internal sealed class WriteQueue : IAsyncDisposable
{
    private const int MaxBatch = 512;

    private readonly Channel<IWork> _waiting = Channel.CreateBounded<IWork>(
        new BoundedChannelOptions(4096) { SingleReader = true });

    private readonly Session _session;
    private readonly SecretCache _cache;

    /// <param name="session">Its own from here on.</param>
    /// <param name="cache">Is told what was committed.</param>
    public WriteQueue(Session session, SecretCache cache)
    {
        _session = session;
        _cache = cache;
        Running = Task.Run(RunAsync);
    }

    /// <summary>The writer. It ends when the queue is disposed, or with the bug that stopped it.</summary>
    public Task Running { get; }

    /// <summary>Completes when the work is durable.</summary>
    /// <exception cref="StorageUnavailableException">It could not be made durable; nothing of it is.</exception>
    public async Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        var item = new Work<T>(work);
        await _waiting.Writer.WriteAsync(item, cancellationToken);
        return await item.Result;
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await Running;
        await _session.DisposeAsync();
    }

    private async Task RunAsync()
    {
        var batch = new List<IWork>(MaxBatch);
        while (await _waiting.Reader.WaitToReadAsync())
        {
            while (batch.Count < MaxBatch && _waiting.Reader.TryRead(out var item))
                batch.Add(item);
            await CommitAsync(batch);
            batch.Clear();
        }
    }

    private async Task CommitAsync(List<IWork> batch)
    {
        try
        {
            await _session.ExecuteAsync(_session.Dialect.BeginWrite, CancellationToken.None);
            foreach (var item in batch)
                await item.RunAsync(_session);
            await _session.ExecuteAsync("COMMIT", CancellationToken.None);
        }
        catch (DbException e)
        {
            await RollBackAsync();
            _session.Changes.Clear();
            var failure = new StorageUnavailableException($"The database could not write: {e.Message}", e);
            foreach (var item in batch)
                item.Fail(failure);
            return;
        }

        // Before anybody is told that its work is done.
        _cache.Apply(_session.Changes);
        _session.Changes.Clear();
        foreach (var item in batch)
            item.Complete();
    }

    private async Task RollBackAsync()
    {
        try
        {
            await _session.ExecuteAsync("ROLLBACK", CancellationToken.None);
        }
        catch (DbException)
        {
            // SQLite has already rolled back by itself, as it does when the disk is full. There is nothing to undo.
        }
    }

    private interface IWork
    {
        Task RunAsync(Session session);

        void Complete();

        void Fail(Exception cause);
    }

    private sealed class Work<T>(Func<Session, Task<T>> work) : IWork
    {
        private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _value;
        private Exception? _refusal;

        public Task<T> Result => _result.Task;

        public async Task RunAsync(Session session)
        {
            var changes = session.Changes.Count;
            await session.ExecuteAsync("SAVEPOINT work", CancellationToken.None);
            try
            {
                _value = await work(session);
            }
            catch (Exception e)
            {
                // Whatever it was, it concerns whoever brought the work, and nobody else. If the whole transaction is
                // lost, as when the disk is full, the next statement says so.
                _refusal = e is DbException ? new StorageUnavailableException($"The database refused: {e.Message}", e) : e;
                await session.ExecuteAsync("ROLLBACK TO work", CancellationToken.None);
                session.Changes.RemoveRange(changes, session.Changes.Count - changes);
            }

            await session.ExecuteAsync("RELEASE work", CancellationToken.None);
        }

        public void Complete()
        {
            if (_refusal is null)
                _result.SetResult(_value!);
            else
                _result.SetException(_refusal);
        }

        public void Fail(Exception cause) => _result.SetException(_refusal ?? cause);
    }
}
