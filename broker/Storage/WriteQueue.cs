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

    private readonly Channel<Work> _waiting = Channel.CreateBounded<Work>(
        new BoundedChannelOptions(4096) { SingleReader = true });

    private readonly Writer _writer;
    private readonly Reconnection _reconnection;
    private readonly TimeSpan? _beat;
    private readonly TimeProvider _clock;
    private Task<bool>? _readable;
    private Task? _nextBeat;

    /// <param name="writer">Its own from here on.</param>
    /// <param name="reconnection">Finds a lost writer another session.</param>
    /// <param name="beat">How often a writer that has nothing to do looks whether its connection is there; null: never.</param>
    /// <param name="clock">Tells the time for that.</param>
    public WriteQueue(Writer writer, Reconnection reconnection, TimeSpan? beat, TimeProvider clock)
    {
        _writer = writer;
        _reconnection = reconnection;
        _beat = beat;
        _clock = clock;
        Running = Task.Run(RunAsync);
    }

    /// <summary>
    /// The writer. It ends when the queue is disposed, when the database is not this broker's any more
    /// (<see cref="CannotStartException"/>), or with the bug that stopped it.
    /// </summary>
    public Task Running { get; }

    /// <summary>Why nothing can be written now; null: it can.</summary>
    public StorageUnavailableException? Problem => _writer.Loss;

    /// <inheritdoc cref="Writer.Losses"/>
    public int Losses => _writer.Losses;

    /// <summary>Completes when the work is durable.</summary>
    /// <exception cref="StorageUnavailableException">It could not be made durable; nothing of it is.</exception>
    public async Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        var item = new Work<T>(work);
        try
        {
            await _waiting.Writer.WriteAsync(item, cancellationToken);
        }
        catch (ChannelClosedException e)
        {
            throw Stopped(e);
        }

        return await item.Result;
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        // Whoever supervises it has its failure already.
        await Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _writer.DisposeAsync();
    }

    private async Task RunAsync()
    {
        try
        {
            var batch = new List<Work>(MaxBatch);
            while (await NextAsync())
            {
                while (batch.Count < MaxBatch && _waiting.Reader.TryRead(out var item))
                    batch.Add(item);
                if (batch.Count == 0)
                    await _writer.AskAsync();
                else
                    await _writer.CommitAsync(batch);
                batch.Clear();
                if (_writer.Loss is not null && !await ComeBackAsync())
                    return;
            }
        }
        catch (Exception e)
        {
            // Nobody waits for ever for a writer that is gone.
            _waiting.Writer.TryComplete(e);
            Turn(Stopped(e));
            throw;
        }
    }

    /// <summary>Completes when there is work, or nothing to do for a while.</summary>
    /// <returns>False: there will be no more.</returns>
    private async Task<bool> NextAsync()
    {
        var readable = ReadableAsync();
        if (!readable.IsCompleted && _beat is { } interval)
        {
            _nextBeat ??= Task.Delay(interval, _clock);
            if (await Task.WhenAny(readable, _nextBeat) == _nextBeat && !readable.IsCompleted)
            {
                _nextBeat = null;
                return true;
            }
        }

        return await TakeReadableAsync();
    }

    /// <summary>Turns work away until there is a connection again.</summary>
    /// <returns>False: the queue is being disposed.</returns>
    private async Task<bool> ComeBackAsync()
    {
        using var stop = new CancellationTokenSource();
        var back = _reconnection.RunAsync(_writer, stop.Token);
        while (await Task.WhenAny(back, ReadableAsync()) != back)
        {
            Turn(_writer.Loss!);
            if (await TakeReadableAsync())
                continue;
            await stop.CancelAsync();
            break;
        }

        try
        {
            return await back;
        }
        finally
        {
            _writer.Abandon();
        }
    }

    private void Turn(StorageUnavailableException cause)
    {
        while (_waiting.Reader.TryRead(out var item))
            item.Fail(cause);
    }

    private Task<bool> ReadableAsync() => _readable ??= _waiting.Reader.WaitToReadAsync().AsTask();

    private Task<bool> TakeReadableAsync()
    {
        var readable = ReadableAsync();
        _readable = null;
        return readable;
    }

    private static StorageUnavailableException Stopped(Exception cause) => new("The database writer has stopped.", cause);
}
