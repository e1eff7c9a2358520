using System.Buffers;

namespace SidecarAgent.Webhook.Admission;

/// <summary>What came of reading a body.</summary>
internal enum BodyOutcome
{
    Whole,

    /// <summary>There is more than the limit; the rest was not read.</summary>
    TooLarge,

    /// <summary>It is large, and there are too many of those at the moment.</summary>
    Crowded,

    /// <summary>It took longer than any API server would wait.</summary>
    Late,
}

/// <summary>The body of one request in a rented buffer, which grows with what has arrived and never past the limit.</summary>
internal sealed class RequestBody(int maxBytes, LargeBodies large, TimeProvider time) : IDisposable
{
    /// <summary>More than that needs a place among the large ones.</summary>
    public const int SmallBytes = 64 * 1024;

    private const int FirstBytes = 16 * 1024;

    /// <summary>All of the time that an API server gives a webhook (timeoutSeconds in deploy/).</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private byte[] _buffer = [];
    private int _length;
    private bool _isLarge;

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<BodyOutcome> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength > maxBytes)
            return BodyOutcome.TooLarge;

        using var late = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            return await ReadWithinAsync(request, either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return BodyOutcome.Late;
        }
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        if (_isLarge)
            large.Leave();
        _buffer = [];
        _length = 0;
        _isLarge = false;
    }

    private async Task<BodyOutcome> ReadWithinAsync(HttpRequest request, CancellationToken cancellation)
    {
        // An announced length is no reason to set memory aside: whoever announces it may never send it.
        _buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
        while (true)
        {
            if (_length == _buffer.Length)
            {
                if (_length >= SmallBytes && !_isLarge && !(_isLarge = await large.TryEnterAsync(cancellation)))
                    return BodyOutcome.Crowded;
                Grow();
            }

            var read = await request.Body.ReadAsync(_buffer.AsMemory(_length), cancellation);
            if (read == 0)
                return BodyOutcome.Whole;
            _length += read;
            if (_length > maxBytes)
                return BodyOutcome.TooLarge;
        }
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
