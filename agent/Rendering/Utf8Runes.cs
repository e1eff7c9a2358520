using System.Text;

namespace SidecarAgent.Agent.Rendering;

/// <summary>Walks UTF-8 one character at a time. What is not UTF-8 comes as U+FFFD, a byte at a time, as in Go.</summary>
internal ref struct Utf8Runes(ReadOnlySpan<byte> utf8)
{
    private ReadOnlySpan<byte> _rest = utf8;

    public Rune Current { get; private set; }

    public readonly Utf8Runes GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;
        var valid = Rune.DecodeFromUtf8(_rest, out var rune, out var length) == System.Buffers.OperationStatus.Done;
        Current = rune;
        _rest = _rest[(valid ? length : 1)..];
        return true;
    }
}
