using System.Security.Cryptography;

namespace SidecarAgent.Broker.Crypto;

/// <summary>
/// All KEKs of the broker: one wraps, all unwrap. Which of them is asked is decided by the key id that is stored beside
/// each wrapped key.
/// </summary>
internal sealed class KeyRing : IKeyWrapper
{
    private readonly IReadOnlyList<IKeyWrapper> _all;

    /// <param name="current">Wraps. Disposed with the ring, as all of them.</param>
    /// <param name="previous">Unwrap what they wrapped before.</param>
    public KeyRing(IKeyWrapper current, params IReadOnlyList<IKeyWrapper> previous)
    {
        Current = current;
        _all = [current, .. previous];
    }

    public IKeyWrapper Current { get; }

    public string? KeyId => Current.KeyId;

    /// <summary>How those of the keys are that live outside the process, the current one first.</summary>
    public IEnumerable<KeyServiceHealth> Services => _all.OfType<OutsideKey>().Select(key => key.Health);

    /// <summary>How many unwrapped data keys are in memory.</summary>
    public int KeptKeys => _all.OfType<OutsideKey>().Sum(key => key.KeptKeys);

    public bool Knows(string keyId) => _all.Any(key => key.Knows(keyId));

    public bool TryUnwrap(WrappedKey wrapped, Span<byte> key)
    {
        var known = false;
        foreach (var one in _all)
        {
            if (!one.Knows(wrapped.KeyId))
                continue;
            known = true;
            if (one.TryUnwrap(wrapped, key))
                return true;
        }

        return known ? false : throw Unknown(wrapped);
    }

    public ValueTask<WrappedKey> WrapAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken) =>
        Current.WrapAsync(key, cancellationToken);

    public async ValueTask UnwrapAsync(WrappedKey wrapped, Memory<byte> key, CancellationToken cancellationToken)
    {
        // Mostly one. Two KMS plugins have no say in each other's key ids, so then both are asked.
        var candidates = Of(wrapped);
        foreach (var candidate in candidates[..^1])
        {
            try
            {
                await candidate.UnwrapAsync(wrapped, key, cancellationToken);
                return;
            }
            catch (CryptographicException)
            {
                // The last one has the last word.
            }
        }

        await candidates[^1].UnwrapAsync(wrapped, key, cancellationToken);
    }

    public ValueTask CheckAsync(CancellationToken cancellationToken) => Current.CheckAsync(cancellationToken);

    /// <summary>Looks after the keys that live outside the process until it is cancelled; then it throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var loops = _all.OfType<OutsideKey>().Select(key => key.RunAsync(stop.Token))
            .Append(Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop.Token)).ToList();
        var first = await Task.WhenAny(loops);
        await stop.CancelAsync();
        await first;
    }

    public void Dispose()
    {
        foreach (var key in _all)
            key.Dispose();
    }

    private List<IKeyWrapper> Of(WrappedKey wrapped)
    {
        var found = _all.Where(key => key.Knows(wrapped.KeyId)).ToList();
        return found.Count > 0 ? found : throw Unknown(wrapped);
    }

    private static CryptographicException Unknown(WrappedKey wrapped) =>
        new($"The data key is wrapped by {wrapped.KeyId}, and no key of that id is configured.");
}
