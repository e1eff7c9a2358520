using System.Threading.Channels;
using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Audit;

/// <summary>
/// The append-only, hash-chained record of every access. One writer puts whatever has gathered into one write and one
/// fsync (group commit). docs/audit.md has the format.
/// </summary>
internal sealed class AuditLog : IAsyncDisposable
{
    private const int QueueLength = 4096;

    private readonly Channel<Waiting> _queue = Channel.CreateBounded<Waiting>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true });

    private readonly AuditFile _file;
    private readonly Task _writer;

    private AuditLog(AuditFile file)
    {
        _file = file;
        // A thread of its own: it spends its life in fsync.
        _writer = Task.Factory.StartNew(
            WriteAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The number of the last entry that is on disk.</summary>
    public long Last => _file.Last;

    /// <summary>The writer. It ends when the log is disposed, or with the bug that stopped it: then nothing can be allowed any more.</summary>
    public Task Writing => _writer;

    /// <summary>Continues the log, or begins it, with a <see cref="AuditAction.Started"/> entry.</summary>
    /// <param name="options">Which file: created if missing, mode 0600. Beside it a file <c>.lock</c> keeps a second broker away.</param>
    /// <param name="clock">Dates the entries.</param>
    /// <param name="logger">Hears when the log stops and starts to be writable.</param>
    /// <exception cref="AuditUnavailableException">It cannot be continued; the message says what to do.</exception>
    /// <exception cref="CannotStartException">The signing key cannot be used.</exception>
    public static async Task<AuditLog> OpenAsync(AuditOptions options, TimeProvider clock, ILogger<AuditLog> logger)
    {
        var signer = options.Checkpoints is { } checkpoints ? AuditSigner.Load(checkpoints.KeyFile) : null;
        var log = new AuditLog(AuditFile.Open(options, signer, clock, logger, out var repaired));
        try
        {
            await log.AppendAsync(new AuditEntry(AuditAction.Started, Allowed: true, repaired), CancellationToken.None);
        }
        catch (AuditUnavailableException)
        {
            await log.DisposeAsync();
            throw;
        }

        return log;
    }

    /// <summary>
    /// Completes when the entry is on disk. Cancelling gives up the wait; an entry that was already queued is written.
    /// </summary>
    /// <returns>The entry's place in the chain.</returns>
    /// <exception cref="AuditUnavailableException">It could not be written. Later ones are tried again.</exception>
    public async Task<AuditHead> AppendAsync(AuditEntry entry, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(entry);
        try
        {
            await _queue.Writer.WriteAsync(waiting, cancellationToken);
        }
        catch (ChannelClosedException e)
        {
            throw new AuditUnavailableException(
                e.InnerException is null ? "the audit log is closed" : "the audit log has failed", e.InnerException);
        }

        return await waiting.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Writes what is waiting and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        // What stopped the writer, if anything did, was said to whoever waited and by Writing.
        using (_file)
            await _writer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void WriteAll()
    {
        var batch = new List<Waiting>();
        try
        {
            while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (batch.Count < QueueLength && _queue.Reader.TryRead(out var waiting))
                    batch.Add(waiting);
                _file.Write(batch);
                batch.Clear();
            }
        }
        catch (Exception e)
        {
            // A defect, not a full disk: nothing more can be promised to anybody.
            _queue.Writer.TryComplete(e);
            var failure = new AuditUnavailableException("the audit log has failed", e);
            foreach (var waiting in batch)
                waiting.TrySetException(failure);
            while (_queue.Reader.TryRead(out var waiting))
                waiting.TrySetException(failure);
            throw;
        }
    }
}
