using System.Buffers;

namespace SidecarAgent.Webhook.Admission;

/// <summary>The body of one request in a rented buffer, which grows with what has arrived and never past the limit.</summary>
internal sealed class RequestBody(int maxBytes) : IDisposable
{
    private const int FirstBytes = 16 * 1024;

    private byte[] _buffer = [];
    private int _length;

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <returns>False if there is more than the limit; then the rest is not read.</returns>
    public async Task<bool> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength > maxBytes)
            return false;

        // An announced length is no reason to set memory aside: whoever announces it may never send it.
        _buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
        while (true)
        {
            if (_length == _buffer.Length)
                Grow();
            var read = await request.Body.ReadAsync(_buffer.AsMemory(_length), cancellation);
            if (read == 0)
                return true;
            _length += read;
            if (_length > maxBytes)
                return false;
        }
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
