using System.Buffers;
using System.Text;
using SidecarAgent.Agent.Rendering;

namespace SidecarAgent.Agent.Templates.Formatting;

/// <summary>Writes pieces of text, padded as the flags of the verb at hand say.</summary>
internal sealed class FormatWriter(IBufferWriter<byte> output)
{
    public FormatFlags Flags;

    public void Write(ReadOnlySpan<byte> utf8) => output.Write(utf8);

    public void Write(string text)
    {
        var span = output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        output.Advance(Encoding.UTF8.GetBytes(text, span));
    }

    public void Write(Rune rune) => output.Advance(rune.EncodeToUtf8(output.GetSpan(4)));

    /// <summary>Zeros pad on the left only.</summary>
    public void WritePadding(int count)
    {
        if (count <= 0)
            return;
        output.GetSpan(count)[..count].Fill(Flags.Zero && !Flags.Minus ? (byte)'0' : (byte)' ');
        output.Advance(count);
    }

    public void Pad(string text) => Pad(Encoding.UTF8.GetBytes(text));

    public void Pad(ReadOnlySpan<byte> utf8)
    {
        var padding = (Flags.Width ?? 0) == 0 ? 0 : Flags.Width!.Value - CountCharacters(utf8);
        if (!Flags.Minus)
            WritePadding(padding);
        Write(utf8);
        if (Flags.Minus)
            WritePadding(padding);
    }

    /// <summary>Pads with spaces, whatever the flags say: the zeros are already there.</summary>
    public void PadWithSpaces(string text)
    {
        var zero = Flags.Zero;
        Flags.Zero = false;
        Pad(text);
        Flags.Zero = zero;
    }

    private static int CountCharacters(ReadOnlySpan<byte> utf8)
    {
        var count = 0;
        foreach (var _ in new Utf8Runes(utf8))
            count++;
        return count;
    }
}
