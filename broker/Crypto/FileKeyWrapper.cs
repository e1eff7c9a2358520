using System.Security.Cryptography;

namespace SidecarAgent.Broker.Crypto;

/// <summary>A KEK that lives in a file: AES-256-GCM, with a random nonce before and the tag after the wrapped key.</summary>
internal sealed class FileKeyWrapper : IKeyWrapper
{
    private const int NonceSize = 12;
    private const int TagSize = 16;

    // Keeps a wrapped data key from ever being taken for something else that this key encrypts.
    private static readonly byte[] Purpose = "sidecar-agent data key 1"u8.ToArray();

    private readonly AesGcm _aes;

    /// <param name="key">32 bytes; not kept, the caller overwrites it.</param>
    public FileKeyWrapper(ReadOnlySpan<byte> key)
    {
        _aes = new AesGcm(key, TagSize);
        KeyId = "file:" + Convert.ToHexStringLower(HMACSHA256.HashData(key, "sidecar-agent key id"u8).AsSpan(0, 8));
    }

    public string KeyId { get; }

    /// <exception cref="CannotStartException">The file is missing, can be read by others, or is no key.</exception>
    public static FileKeyWrapper Load(string path)
    {
        using var key = KeyFile.Read(path);
        return new FileKeyWrapper(key.Span);
    }

    public bool Knows(string keyId) => keyId == KeyId;

    public bool TryUnwrap(WrappedKey wrapped, Span<byte> key)
    {
        if (wrapped.KeyId != KeyId)
            throw new CryptographicException($"The data key is wrapped by {wrapped.KeyId}, and the key here is {KeyId}.");
        if (wrapped.Bytes.Length != NonceSize + key.Length + TagSize)
            throw new CryptographicException("The wrapped data key has the wrong length.");
        lock (_aes)
        {
            _aes.Decrypt(
                wrapped.Bytes.AsSpan(0, NonceSize), wrapped.Bytes.AsSpan(NonceSize, key.Length),
                wrapped.Bytes.AsSpan(NonceSize + key.Length), key, Purpose);
        }

        return true;
    }

    public ValueTask<WrappedKey> WrapAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        var bytes = new byte[NonceSize + key.Length + TagSize];
        RandomNumberGenerator.Fill(bytes.AsSpan(0, NonceSize));
        lock (_aes)
        {
            _aes.Encrypt(
                bytes.AsSpan(0, NonceSize), key.Span, bytes.AsSpan(NonceSize, key.Length),
                bytes.AsSpan(NonceSize + key.Length), Purpose);
        }

        return ValueTask.FromResult(new WrappedKey(KeyId, bytes));
    }

    public ValueTask UnwrapAsync(WrappedKey wrapped, Memory<byte> key, CancellationToken cancellationToken)
    {
        TryUnwrap(wrapped, key.Span);
        return ValueTask.CompletedTask;
    }

    public ValueTask CheckAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public void Dispose() => _aes.Dispose();
}
