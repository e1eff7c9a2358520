using System.Buffers;

namespace SidecarAgent.Agent.Rendering;

/// <summary>One JSON object (RFC 8259) on one line, every value a string.</summary>
internal static class JsonFormat
{
    /// <exception cref="RenderException">A field is not UTF-8.</exception>
    public static void Write(FieldSelection fields, IBufferWriter<byte> output)
    {
        var separator = "{"u8;
        foreach (var name in fields.Names)
        {
            output.Write(separator);
            JsonString.Write(System.Text.Encoding.UTF8.GetBytes(name), escapeHtml: false, output);
            output.Write(":"u8);
            JsonString.Write(fields.Text(name), escapeHtml: false, output);
            separator = ","u8;
        }

        output.Write(fields.Names.Count == 0 ? "{}\n"u8 : "}\n"u8);
    }
}
