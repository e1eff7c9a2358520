namespace SidecarAgent.Broker.Audit;

/// <summary>Reads a log's file line by line, with one buffer, however large the file is, also while it is written.</summary>
/// <param name="file">To read; the caller disposes the reader.</param>
internal sealed class AuditLineReader(string file) : IDisposable
{
    private readonly FileStream _stream =
        new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    private readonly byte[] _buffer = new byte[8 * AuditLine.MaxLength];
    private int _begin;
    private int _end;

    /// <summary>Bytes after the last line feed; only when there are no more lines.</summary>
    public long UnfinishedBytes => _end - _begin;

    /// <summary>A line longer than any entry was met; only when there are no more lines.</summary>
    public bool IsTooLong => UnfinishedBytes >= AuditLine.MaxLength;

    /// <param name="line">Without its line feed; good until the next call.</param>
    /// <returns>False: there are no more.</returns>
    public bool TryRead(out ReadOnlyMemory<byte> line)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_begin, _end - _begin).IndexOf((byte)'\n');
            if (length is >= 0 and < AuditLine.MaxLength)
            {
                line = _buffer.AsMemory(_begin, length);
                _begin += length + 1;
                return true;
            }

            line = default;
            if (IsTooLong || !Fill())
                return false;
        }
    }

    public void Dispose() => _stream.Dispose();

    private bool Fill()
    {
        _buffer.AsSpan(_begin, _end - _begin).CopyTo(_buffer);
        (_begin, _end) = (0, _end - _begin);
        var read = _stream.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        return read > 0;
    }
}
