using System.Buffers;
using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Audit;

/// <summary>
/// The log's file and the end of its chain. Used by one thread. What is in the file beyond <see cref="_length"/> was never
/// acknowledged and is cut off before the next write. A full file is set aside, and the chain goes on in a new one.
/// </summary>
internal sealed partial class AuditFile : IDisposable
{
    private readonly string _path;
    private readonly long _maxBytes;
    private readonly AuditSigner? _signer;
    private readonly IdentifierHash? _hash;
    private readonly FileStream _lock;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private FileStream _file;
    private string? _place;
    private AuditHead _head;
    private long _length;
    private long _last;
    private bool _failing;

    private AuditFile(
        AuditOptions options, AuditSigner? signer, IdentifierHash? hash, FileStream file, FileStream @lock, AuditTail tail,
        TimeProvider clock, ILogger logger)
    {
        (_path, _maxBytes, _signer, _hash) = (options.File, options.MaxBytes, signer, hash);
        (_file, _lock, _clock, _logger) = (file, @lock, clock, logger);
        (_place, _head, _length, _last) = (Place(file), tail.Head, tail.Length, tail.Head.Sequence);
    }

    /// <summary>The number of the last entry that is on disk. For any thread.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <param name="options">Which file; created if missing.</param>
    /// <param name="signer">Signs checkpoints; null: nothing is signed. Disposed with the file.</param>
    /// <param name="clock">Dates the entries.</param>
    /// <param name="logger">Hears when the file stops and starts to be writable.</param>
    /// <param name="repaired">What a crash left half-written and the first write cuts off; null: nothing.</param>
    /// <exception cref="AuditUnavailableException">It cannot be continued; the message says what to do.</exception>
    public static AuditFile Open(
        AuditOptions options, AuditSigner? signer, TimeProvider clock, ILogger logger, out string? repaired)
    {
        var path = options.File;
        FileStream? @lock = null;
        FileStream? file = null;
        IdentifierHash? hash = null;
        try
        {
            hash = options.Hash is { } names ? IdentifierHash.Load(names) : null;
            @lock = Lock(path);
            var before = HeadOfFullFiles(path);
            file = OpenOrCreate(path, FileShare.ReadWrite | FileShare.Delete);
            if (!file.CanSeek)
                throw new IOException("expected a regular file");
            DirectoryFlush.Flush(Path.GetDirectoryName(path)!);
            var tail = AuditTail.Read(file, before);
            repaired = tail.HalfWritten > 0
                ? $"a half-written last line of {tail.HalfWritten} bytes was removed"
                : null;
            return new AuditFile(options, signer, hash, file, @lock, tail, clock, logger);
        }
        catch (Exception e)
        {
            file?.Dispose();
            @lock?.Dispose();
            signer?.Dispose();
            hash?.Dispose();
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
            head = waiting.Place = AuditLine.Write(_buffer, waiting.Entry, _clock.GetUtcNow(), head, _signer, _hash);

        try
        {
            TakeNextFile();
            if (_file.Length < _length)
                throw new IOException("somebody has cut it short; move it away as evidence, and a new file goes on with the chain");
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
        Volatile.Write(ref _last, head.Sequence);
        Succeed(batch);
    }

    public void Dispose()
    {
        _file.Dispose();
        _lock.Dispose();
        _signer?.Dispose();
        _hash?.Dispose();
    }

    /// <summary>
    /// Sets a full file aside, and begins a new one where there is none: after that, or because somebody has moved,
    /// removed or replaced it. A crash between the two is repaired by <see cref="Open"/>, which finds where the full files end.
    /// </summary>
    private void TakeNextFile()
    {
        // Also one that another was put in the place of, as logrotate's "create" and many editors do.
        var isThere = File.Exists(_path) && Place(_file) == _place;
        var isFull = isThere && _length >= _maxBytes;
        if (isFull)
            File.Move(_path, AuditSegments.Name(_path, _head.Sequence));
        else if (isThere)
            return;

        var next = OpenOrCreate(_path, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            if (next.Length > 0)
                throw new IOException("somebody has put another file in its place; move it away as evidence, and a new file goes on with the chain");
            DirectoryFlush.Flush(Path.GetDirectoryName(_path)!);
        }
        catch
        {
            next.Dispose();
            throw;
        }

        _file.Dispose();
        (_file, _place, _length) = (next, Place(next), 0);
        if (!isFull)
            LogGone(_path, _head.Sequence);
    }

    /// <summary>Where an open file is now: the system follows a rename, and marks what was removed.</summary>
    private static string? Place(FileStream file) =>
        new FileInfo($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}").LinkTarget;

    private static AuditHead HeadOfFullFiles(string path)
    {
        if (AuditSegments.Full(path) is not [.., var newest])
            return AuditHead.None;
        using var file = new FileStream(newest, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        return AuditTail.Read(file, before: null).Head;
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
            LogWritable(_path);
        _failing = false;
        foreach (var waiting in batch)
            waiting.SetResult(waiting.Place);
    }

    private void Fail(IReadOnlyList<Waiting> batch, Exception cause)
    {
        if (!_failing)
            LogNotWritable(cause, _path);
        _failing = true;
        foreach (var waiting in batch)
            waiting.SetException(
                new AuditUnavailableException($"the audit log {_path} cannot be written: {cause.Message}", cause));
    }

    [LoggerMessage(LogLevel.Error, "The audit log {File} cannot be written, so every request is refused until it can")]
    private partial void LogNotWritable(Exception exception, string file);

    [LoggerMessage(LogLevel.Error, "The audit log {File} was removed, renamed or replaced by somebody else. The chain goes on in a new file after entry {Sequence}; up to there it is only where that file went")]
    private partial void LogGone(string file, long sequence);

    [LoggerMessage(LogLevel.Information, "The audit log {File} can be written again")]
    private partial void LogWritable(string file);
}
