namespace SidecarAgent.Broker.Crypto;

/// <summary>
/// A key-encryption key (KEK), wherever it lives. It only ever sees data keys (DEKs), never a value. Asynchronous,
/// because a key service or an HSM is asked over a socket.
/// </summary>
internal interface IKeyWrapper : IDisposable
{
    /// <summary>
    /// Names the key that <see cref="WrapAsync"/> uses now; stored beside what it wrapped. Not secret. Null: the key
    /// service has not said yet.
    /// </summary>
    string? KeyId { get; }

    /// <summary>Whether what was wrapped by the key of that id is for this one to unwrap.</summary>
    bool Knows(string keyId);

    /// <summary>Unwraps, if that can be done here and now.</summary>
    /// <param name="wrapped">What <see cref="WrapAsync"/> returned, now or in an earlier run.</param>
    /// <param name="key">Receives the key; exactly as long as the key was.</param>
    /// <returns>False: only <see cref="UnwrapAsync"/> can tell.</returns>
    /// <exception cref="System.Security.Cryptography.CryptographicException">Wrapped by another key, or altered.</exception>
    bool TryUnwrap(WrappedKey wrapped, Span<byte> key);

    /// <exception cref="KeyUnavailableException">The key service cannot be used now.</exception>
    ValueTask<WrappedKey> WrapAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken);

    /// <inheritdoc cref="TryUnwrap"/>
    /// <param name="wrapped">What <see cref="WrapAsync"/> returned, now or in an earlier run.</param>
    /// <param name="key">Receives the key; exactly as long as the key was.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KeyUnavailableException">The key service cannot be used now.</exception>
    ValueTask UnwrapAsync(WrappedKey wrapped, Memory<byte> key, CancellationToken cancellationToken);

    /// <summary>Asks the key service whether it can work, and which key it uses now.</summary>
    /// <exception cref="KeyUnavailableException">It cannot.</exception>
    ValueTask CheckAsync(CancellationToken cancellationToken);
}
