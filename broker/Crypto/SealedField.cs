namespace SidecarAgent.Broker.Crypto;

/// <summary>A field's value as it is stored.</summary>
/// <param name="Key">The data key of this one field of this one version.</param>
/// <param name="Box">One byte of format, 12 of nonce, the ciphertext, 16 of tag.</param>
internal sealed record SealedField(WrappedKey Key, byte[] Box);
