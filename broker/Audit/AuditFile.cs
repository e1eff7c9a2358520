using System.Buffers;

namespace SidecarAgent.Broker.Audit;

/// <summary>
/// The log's file and the end of its chain. Used by one thread. What is in the file beyond <see cref="_length"/> was never
/// acknowledged and is cut off before the next write.
/// </summary>
internal sealed partial class AuditFile : IDisposable
{
    private readonly FileStream _file;
    private readonly FileStream _lock;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private AuditHead _head;
    private long _length;
    private bool _failing;

    private AuditFile(FileStream file, FileStream @lock, AuditTail tail, TimeProvider clock, ILogger logger)
    {
        (_file, _lock, _clock, _logger) = (file, @lock, clock, logger);
        (_head, _length) = (tail.Head, tail.Length);
    }

    /// <param name="path">Created if missing.</param>
    /// <param name="clock">Dates the entries.</param>
    /// <param name="logger">Hears when the file stops and starts to be writable.</param>
    /// <param name="repaired">What a crash left half-written and the first write cuts off; null: nothing.</param>
    /// <exception cref="AuditUnavailableException">It cannot be continued; the message says what to do.</exception>
    public static AuditFile Open(string path, TimeProvider clock, ILogger logger, out string? repaired)
    {
        var @lock = Lock(path);
        FileStream? file = null;
        try
        {
            file = OpenOrCreate(path, FileShare.ReadWrite);
            if (!file.CanSeek)
                throw new IOException("expected a regular file");
            var tail = AuditTail.Read(file);
            repaired = tail.HalfWritten > 0
                ? $"a half-written last line of {tail.HalfWritten} bytes was removed"
                : null;
            return new AuditFile(file, @lock, tail, clock, logger);
        }
        catch (Exception e)
        {
            file?.Dispose();
            @lock.Dispose();
            if (e is IOException or UnauthorizedAccessException)
                throw new AuditUnavailableException($"the audit log {path} cannot be opened: {e.Message}", e);
            throw;
        }
    }

    /// <summary>Writes all entries as one and tells their callers what became of them.</summary>
    public void Write(IReadOnlyList<Waiting> batch)
    {
        _buffer.ResetWrittenCount();
        var head = _head;
        foreach (var waiting in batch)
            head = AuditLine.Write(_buffer, waiting.Entry, _clock.GetUtcNow(), head);

        try
        {
            if (_file.Length != _length)
                _file.SetLength(_length);
            _file.Position = _length;
            _file.Write(_buffer.WrittenSpan);
            _file.Flush(flushToDisk: true);
        }
        // ArgumentOutOfRangeException is how .NET puts EFBIG: the system lets the file grow no further.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            Fail(batch, e);
            return;
        }

        (_head, _length) = (head, _length + _buffer.WrittenCount);
        Succeed(batch);
    }

    public void Dispose()
    {
        _file.Dispose();
        _lock.Dispose();
    }

    private static FileStream Lock(string path)
    {
        try
        {
            return OpenOrCreate($"{path}.lock", FileShare.None);
        }
        catch (IOException e)
        {
            throw new AuditUnavailableException(
                $"the audit log {path} cannot be locked ({e.Message}): only one broker may write it", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new AuditUnavailableException(
                $"the audit log {path} cannot be locked ({e.Message}): the broker must be able to write in its directory", e);
        }
    }

    private static FileStream OpenOrCreate(string path, FileShare share) => new(path, new FileStreamOptions
    {
        Mode = FileMode.OpenOrCreate,
        Access = FileAccess.ReadWrite,
        Share = share,
        BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    private void Succeed(IReadOnlyList<Waiting> batch)
    {
        if (_failing)
            LogWritable(_file.Name);
        _failing = false;
        foreach (var waiting in batch)
            waiting.SetResult();
    }

    private void Fail(IReadOnlyList<Waiting> batch, Exception cause)
    {
        if (!_failing)
            LogNotWritable(cause, _file.Name);
        _failing = true;
        foreach (var waiting in batch)
            waiting.SetException(
                new AuditUnavailableException($"the audit log {_file.Name} cannot be written: {cause.Message}", cause));
    }

    [LoggerMessage(LogLevel.Error, "The audit log {File} cannot be written, so every request is refused until it can")]
    private partial void LogNotWritable(Exception exception, string file);

    [LoggerMessage(LogLevel.Information, "The audit log {File} can be written again")]
    private partial void LogWritable(string file);
}
