using System.Security.Cryptography;

namespace SidecarAgent.Broker.Crypto;

/// <summary>
/// Envelope encryption of one field: a fresh random data key, AES-256-GCM (NIST SP 800-38D) under it, and the data key
/// wrapped by the KEK. A data key seals exactly one value, so a nonce can never repeat under it.
/// </summary>
internal sealed class FieldSealer(IKeyWrapper wrapper)
{
    private const byte Format = 1;
    private const int KeySize = 32;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int Overhead = 1 + NonceSize + TagSize;

    /// <exception cref="KeyUnavailableException">The key service cannot be used now.</exception>
    public async ValueTask<SealedField> SealAsync(
        FieldAddress address, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        using var key = new SecretBytes(KeySize);
        RandomNumberGenerator.Fill(key.Span);
        var wrapped = await wrapper.WrapAsync(key.Memory, cancellationToken);

        var box = new byte[Overhead + value.Length];
        box[0] = Format;
        var nonce = box.AsSpan(1, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key.Span, TagSize);
        aes.Encrypt(
            nonce, value.Span, box.AsSpan(1 + NonceSize, value.Length), box.AsSpan(box.Length - TagSize),
            address.AdditionalData(Format));
        return new SealedField(wrapped, box);
    }

    /// <returns>The value; the caller disposes it.</returns>
    /// <exception cref="CryptographicException">Altered, or it belongs elsewhere, or another key wrapped it.</exception>
    /// <exception cref="KeyUnavailableException">The key service cannot be used now.</exception>
    public ValueTask<SecretBytes> OpenAsync(FieldAddress address, SealedField field, CancellationToken cancellationToken)
    {
        // What can be opened here and now costs no object but the value: the data key stays on the stack, which the
        // collector does not move.
        Span<byte> key = stackalloc byte[KeySize];
        try
        {
            return wrapper.TryUnwrap(field.Key, key)
                ? ValueTask.FromResult(Open(address, field.Box, key))
                : AskAndOpenAsync(address, field, cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private async ValueTask<SecretBytes> AskAndOpenAsync(
        FieldAddress address, SealedField field, CancellationToken cancellationToken)
    {
        using var key = new SecretBytes(KeySize);
        await wrapper.UnwrapAsync(field.Key, key.Memory, cancellationToken);
        return Open(address, field.Box, key.Span);
    }

    private static SecretBytes Open(FieldAddress address, byte[] box, ReadOnlySpan<byte> key)
    {
        if (box.Length < Overhead || box[0] != Format)
            throw new CryptographicException("The sealed field has no format that this broker knows.");
        var value = new SecretBytes(box.Length - Overhead);
        try
        {
            using var aes = new AesGcm(key, TagSize);
            aes.Decrypt(
                box.AsSpan(1, NonceSize), box.AsSpan(1 + NonceSize, box.Length - Overhead),
                box.AsSpan(box.Length - TagSize), value.Span, address.AdditionalData(Format));
            return value;
        }
        catch
        {
            value.Dispose();
            throw;
        }
    }
}
