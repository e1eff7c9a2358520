using System.Security.Cryptography;

namespace SidecarAgent.Broker.Crypto;

/// <summary>
/// A key or a value in the clear: overwritten when disposed, and pinned until then, so that the collector leaves no
/// copies of it behind.
/// </summary>
internal sealed class SecretBytes(int length) : IDisposable
{
    private readonly byte[] _bytes = GC.AllocateArray<byte>(length, pinned: true);

    public Memory<byte> Memory => _bytes;

    public Span<byte> Span => _bytes;

    public static SecretBytes CopyOf(ReadOnlySpan<byte> bytes)
    {
        var copy = new SecretBytes(bytes.Length);
        bytes.CopyTo(copy.Span);
        return copy;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    public override string ToString() => "***";
}
