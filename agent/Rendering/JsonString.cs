using System.Buffers;
using System.Text;

namespace SidecarAgent.Agent.Rendering;

/// <summary>One JSON string, escaped as Go's encoding/json does it, so that templates give the bytes people know.</summary>
internal static class JsonString
{
    /// <param name="utf8">What is not UTF-8 in it becomes U+FFFD.</param>
    /// <param name="escapeHtml">Also write &lt;, &gt; and &amp; as \u escapes, so that the string may stand in a script.</param>
    /// <param name="output">Gets the string with its quotes.</param>
    public static void Write(ReadOnlySpan<byte> utf8, bool escapeHtml, IBufferWriter<byte> output)
    {
        Span<byte> escape = stackalloc byte[6];
        output.Write("\""u8);
        var plain = 0;
        for (var at = 0; at < utf8.Length;)
        {
            var status = Rune.DecodeFromUtf8(utf8[at..], out var rune, out var length);
            var escaped = status == OperationStatus.Done ? Escape(rune.Value, escapeHtml, escape) : "\\ufffd"u8;
            if (escaped.Length > 0)
            {
                output.Write(utf8[plain..at]);
                output.Write(escaped);
                plain = at + length;
            }

            at += length;
        }

        output.Write(utf8[plain..]);
        output.Write("\""u8);
    }

    /// <returns>Empty: the character stands for itself.</returns>
    private static ReadOnlySpan<byte> Escape(int character, bool escapeHtml, Span<byte> buffer)
    {
        switch (character)
        {
            case '"': return "\\\""u8;
            case '\\': return "\\\\"u8;
            case '\b': return "\\b"u8;
            case '\f': return "\\f"u8;
            case '\n': return "\\n"u8;
            case '\r': return "\\r"u8;
            case '\t': return "\\t"u8;
            // Line separators end a string literal in older JavaScript.
            case 0x2028 or 0x2029:
            case '<' or '>' or '&' when escapeHtml:
            case < 0x20:
                "\\u"u8.CopyTo(buffer);
                for (var digit = 0; digit < 4; digit++)
                    buffer[2 + digit] = "0123456789abcdef"u8[(character >> (12 - (4 * digit))) & 0xF];
                return buffer;
            default:
                return [];
        }
    }
}
