using System.Data.Common;

namespace SidecarAgent.Broker.Storage;

/// <summary>A piece of work for the writer: all of it is done, or nothing.</summary>
internal abstract class Work
{
    /// <summary>Does it in a savepoint of its own, in the transaction that is open.</summary>
    /// <exception cref="DbException">The whole transaction is lost.</exception>
    public abstract Task RunAsync(Session session);

    /// <summary>The transaction has committed.</summary>
    public abstract void Complete();

    /// <summary>The transaction has not committed.</summary>
    public abstract void Fail(StorageUnavailableException cause);
}

/// <inheritdoc/>
internal sealed class Work<T>(Func<Session, Task<T>> work) : Work
{
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _value;
    private Exception? _refusal;

    public Task<T> Result => _result.Task;

    public override async Task RunAsync(Session session)
    {
        var changes = session.Changes.Count;
        await session.ExecuteAsync("SAVEPOINT work", CancellationToken.None);
        try
        {
            _value = await work(session);
        }
        catch (Exception e) when (!session.IsLost)
        {
            // Whatever it was, it concerns whoever brought the work, and nobody else. If the whole transaction is
            // lost, as when the disk is full, the next statement says so.
            _refusal = e is DbException ? new StorageUnavailableException($"The database refused: {e.Message}", e) : e;
            await session.ExecuteAsync("ROLLBACK TO work", CancellationToken.None);
            session.Changes.RemoveRange(changes, session.Changes.Count - changes);
        }

        await session.ExecuteAsync("RELEASE work", CancellationToken.None);
    }

    public override void Complete()
    {
        if (_refusal is null)
            _result.SetResult(_value!);
        else
            _result.SetException(_refusal);
    }

    public override void Fail(StorageUnavailableException cause) => _result.SetException(_refusal ?? cause);
}
