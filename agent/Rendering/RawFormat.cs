using System.Buffers;

namespace SidecarAgent.Agent.Rendering;

/// <summary>The exact bytes of one field: keys, certificates, key stores.</summary>
internal static class RawFormat
{
    /// <exception cref="RenderException">There is not exactly one field.</exception>
    public static void Write(FieldSelection fields, IBufferWriter<byte> output)
    {
        if (fields.Names.Count != 1)
        {
            throw fields.Error($"has {fields.Names.Count} fields ({FieldSelection.Listed(fields.Names)}), and the format raw "
                + "writes exactly one: name it with 'field'");
        }

        output.Write(fields.Bytes(fields.Names.First()));
    }
}
