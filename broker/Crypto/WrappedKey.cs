namespace SidecarAgent.Broker.Crypto;

/// <summary>A data key as it may be stored, and the id of the key that wrapped it.</summary>
internal sealed record WrappedKey(string KeyId, byte[] Bytes);
