namespace SidecarAgent.Broker.Crypto;

/// <summary>
/// The key-encryption key (KEK), wherever it lives. It only ever sees data keys (DEKs), never a value. Asynchronous,
/// because a key service or an HSM is asked over a socket.
/// </summary>
internal interface IKeyWrapper
{
    /// <summary>Names the key that <see cref="WrapAsync"/> uses now; stored beside what it wrapped. Not secret.</summary>
    string KeyId { get; }

    ValueTask<WrappedKey> WrapAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken);

    /// <param name="wrapped">What <see cref="WrapAsync"/> returned, now or in an earlier run.</param>
    /// <param name="key">Receives the key; exactly as long as the key was.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">Wrapped by another key, or altered.</exception>
    ValueTask UnwrapAsync(WrappedKey wrapped, Memory<byte> key, CancellationToken cancellationToken);
}
