using System.Buffers;
using System.Globalization;
using System.Text;

namespace SidecarAgent.Agent.Rendering;

/// <summary>
/// Java properties as <c>java.util.Properties.load(InputStream)</c> reads them: ISO 8859-1, so everything beyond
/// printable ASCII is a \u escape of a UTF-16 unit.
/// </summary>
internal static class PropertiesFormat
{
    /// <exception cref="RenderException">A field is not UTF-8.</exception>
    public static void Write(FieldSelection fields, IBufferWriter<byte> output)
    {
        foreach (var name in fields.Names)
        {
            WriteEscaped(Encoding.UTF8.GetBytes(name), isKey: true, output);
            output.Write("="u8);
            WriteEscaped(fields.Text(name), isKey: false, output);
            output.Write("\n"u8);
        }
    }

    private static void WriteEscaped(ReadOnlySpan<byte> utf8, bool isKey, IBufferWriter<byte> output)
    {
        var first = true;
        Span<char> units = stackalloc char[2];
        foreach (var rune in new Utf8Runes(utf8))
        {
            switch (rune.Value)
            {
                case '\t': output.Write("\\t"u8); break;
                case '\n': output.Write("\\n"u8); break;
                case '\r': output.Write("\\r"u8); break;
                case '\f': output.Write("\\f"u8); break;
                case '\\': output.Write("\\\\"u8); break;
                // In a key these end it; at the head of a value white space is skipped, and elsewhere it stands for itself.
                case ' ' when isKey || first:
                case ':' or '=' or '#' or '!' when isKey:
                    output.Write([(byte)'\\', (byte)rune.Value]);
                    break;
                case >= ' ' and <= '~':
                    output.Write([(byte)rune.Value]);
                    break;
                default:
                    WriteUnits(units[..rune.EncodeToUtf16(units)], output);
                    break;
            }

            first = false;
        }
    }

    private static void WriteUnits(ReadOnlySpan<char> units, IBufferWriter<byte> output)
    {
        foreach (var unit in units)
        {
            var span = output.GetSpan(6);
            "\\u"u8.CopyTo(span);
            ((int)unit).TryFormat(span[2..], out _, "X4", CultureInfo.InvariantCulture);
            output.Advance(6);
        }
    }
}
