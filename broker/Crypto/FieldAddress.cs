using System.Buffers.Binary;
using System.Text;
using SidecarAgent.Broker.Secrets;

namespace SidecarAgent.Broker.Crypto;

/// <summary>
/// Where a sealed field belongs. It is authenticated with the ciphertext, so that a record that somebody moves to
/// another path, version or field, or whose class somebody changes in the database, cannot be opened.
/// </summary>
internal readonly record struct FieldAddress(SecretPath Path, ulong Version, string Field, FieldClass Class)
{
    /// <summary>
    /// The additional data of the AEAD. Every part has its length before it, so that no two addresses share one encoding.
    /// </summary>
    public byte[] AdditionalData(byte format)
    {
        var path = Encoding.UTF8.GetBytes(Path.ToString());
        var field = Encoding.UTF8.GetBytes(Field);
        var data = new byte[1 + 2 + path.Length + 8 + 2 + field.Length + 1];
        var rest = data.AsSpan();
        rest[0] = format;
        rest = WriteText(rest[1..], path);
        BinaryPrimitives.WriteUInt64BigEndian(rest, Version);
        rest = WriteText(rest[8..], field);
        rest[0] = (byte)Class;
        return data;
    }

    private static Span<byte> WriteText(Span<byte> target, byte[] text)
    {
        BinaryPrimitives.WriteUInt16BigEndian(target, checked((ushort)text.Length));
        text.CopyTo(target[2..]);
        return target[(2 + text.Length)..];
    }
}
