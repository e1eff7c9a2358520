using System.Buffers;
using System.Text;

namespace SidecarAgent.Agent.Rendering;

/// <summary><c>NAME='value'</c> lines for a POSIX shell (2.2.2, single quotes): every byte but NUL stands for itself.</summary>
internal static class EnvFormat
{
    /// <exception cref="RenderException">A field's name is not a shell variable's, or its value holds a NUL byte.</exception>
    public static void Write(FieldSelection fields, IBufferWriter<byte> output)
    {
        foreach (var name in fields.Names)
        {
            if (!IsShellName(name))
            {
                throw fields.Error($"has a field '{name}', which is no name for a shell variable (letters, digits and _, no "
                    + "digit first); use another format or a template");
            }

            var value = fields.Bytes(name);
            if (value.Contains((byte)0))
                throw fields.Error($"has a field '{name}' with a NUL byte, which no shell variable can hold; use the format raw");

            output.Write(Encoding.UTF8.GetBytes(name));
            output.Write("='"u8);
            WriteQuoted(value, output);
            output.Write("'\n"u8);
        }
    }

    private static void WriteQuoted(ReadOnlySpan<byte> value, IBufferWriter<byte> output)
    {
        // A single quote cannot stand between single quotes: end them, escape one, begin again.
        for (var quote = value.IndexOf((byte)'\''); quote >= 0; quote = value.IndexOf((byte)'\''))
        {
            output.Write(value[..quote]);
            output.Write("'\\''"u8);
            value = value[(quote + 1)..];
        }

        output.Write(value);
    }

    private static bool IsShellName(string name) =>
        name.Length > 0
        && !char.IsAsciiDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
