using System.Buffers;
using System.Security.Cryptography;

namespace SidecarAgent.Agent.Sync;

/// <summary>Collects bytes that are secret: pinned, so that the collector leaves no copies, and zeroed when it grows or ends.</summary>
internal sealed class SecretBuffer : IBufferWriter<byte>, IDisposable
{
    private const int FirstSize = 1024;

    private byte[] _bytes = [];
    private int _length;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_bytes.Length - _length), nameof(count));
        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_length);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _bytes = [];
        _length = 0;
    }

    public override string ToString() => $"{_length} bytes ***";

    private void Reserve(int sizeHint)
    {
        var needed = _length + Math.Max(sizeHint, 1);
        if (needed <= _bytes.Length)
            return;
        var larger = GC.AllocateUninitializedArray<byte>(Math.Max(Math.Max(FirstSize, _bytes.Length * 2), needed), pinned: true);
        _bytes.AsSpan(0, _length).CopyTo(larger);
        CryptographicOperations.ZeroMemory(_bytes);
        _bytes = larger;
    }
}
