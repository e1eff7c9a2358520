using System.Buffers;
using System.Text;

namespace SidecarAgent.Agent.Rendering;

/// <summary>One YAML mapping, every value a string whatever it looks like.</summary>
internal static class YamlFormat
{
    /// <exception cref="RenderException">A field is not UTF-8.</exception>
    public static void Write(FieldSelection fields, IBufferWriter<byte> output)
    {
        if (fields.Names.Count == 0)
            output.Write("{}\n"u8);

        foreach (var name in fields.Names)
        {
            YamlString.WriteKey(Encoding.UTF8.GetBytes(name), output);
            output.Write(": "u8);
            YamlString.Write(fields.Text(name), indent: 2, output);
            output.Write("\n"u8);
        }
    }
}
