using System.Buffers;
using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Lines of at most so many bytes, broken at spaces, as sprig's wrap and wrapWith break them.</summary>
internal static class WordWrap
{
    /// <param name="text">Leading spaces of a line are dropped, but for those of the last.</param>
    /// <param name="length">Of a line, in bytes.</param>
    /// <param name="lineBreak">Goes between lines.</param>
    /// <param name="breakWords">Whether a word that is longer than a line is broken, or sticks out.</param>
    public static TextValue Wrap(TextValue text, long length, ReadOnlySpan<byte> lineBreak, bool breakWords)
    {
        var width = (int)Math.Clamp(length, 1, int.MaxValue - 1);
        if (lineBreak.IsEmpty)
            lineBreak = "\n"u8;
        var result = new TextBuffer();
        var rest = text.Span;
        while (rest.Length > width)
        {
            if (rest[0] == ' ')
            {
                rest = rest[1..];
                continue;
            }

            var space = rest[..(width + 1)].LastIndexOf((byte)' ');
            var end = space >= 0 ? space : breakWords ? width : NextSpace(rest, width);
            result.Write(rest[..end]);
            if (end == rest.Length)
                return result.ToText();
            result.Write(lineBreak);
            rest = rest[(breakWords && space < 0 ? end : end + 1)..];
        }

        result.Write(rest);
        return result.ToText();
    }

    private static int NextSpace(ReadOnlySpan<byte> rest, int from) =>
        rest[from..].IndexOf((byte)' ') is >= 0 and var at ? from + at : rest.Length;
}
