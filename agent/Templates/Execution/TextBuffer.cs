using System.Buffers;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Execution;

/// <summary>Bytes that become a string value; no longer than a string may be.</summary>
internal sealed class TextBuffer : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[64];
    private int _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Advance(int count) => _length += count;

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

    /// <summary>The buffer must not be written to afterwards.</summary>
    public TextValue ToText() => new(_bytes.AsMemory(0, _length));

    private void Reserve(int size)
    {
        var needed = (long)_length + Math.Max(size, 1);
        if (needed > TemplateLimits.StringBytes)
            throw new EvaluationException($"a string grows beyond {TemplateLimits.StringBytes} bytes");
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, (int)Math.Min(TemplateLimits.StringBytes, Math.Max(needed, _bytes.Length * 2L)));
    }
}
