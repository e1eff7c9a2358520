using System.Buffers;

namespace SidecarAgent.Agent.Templates.Execution;

/// <summary>The caller's buffer, up to the size that a rendered file may have.</summary>
internal sealed class BoundedOutput(IBufferWriter<byte> output) : IBufferWriter<byte>
{
    private long _written;

    public void Advance(int count)
    {
        _written += count;
        if (_written > TemplateLimits.OutputBytes)
            throw new EvaluationException($"the file grows beyond {TemplateLimits.OutputBytes} bytes");
        output.Advance(count);
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => output.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => output.GetSpan(sizeHint);
}
