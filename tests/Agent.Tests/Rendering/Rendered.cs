using System.Buffers;
using System.Text;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Rendering;
using FileOptions = SidecarAgent.Agent.Configuration.FileOptions;

namespace SidecarAgent.Agent.Tests.Rendering;

/// <summary>What a file would hold, made the way the agent makes it.</summary>
internal static class Rendered
{
    public const string Path = "kv/shop/orders";

    public static byte[] Bytes(FileFormat format, string? field, IEnumerable<KeyValuePair<string, byte[]>> fields)
    {
        var renderer = FileRenderer.Compile(new FileOptions { File = "file", Secret = Path, Field = field, Format = format });
        var output = new ArrayBufferWriter<byte>();
        using var secret = Secret(fields);
        renderer.Render(new SecretSet([secret]), output);
        return output.WrittenSpan.ToArray();
    }

    public static byte[] Bytes(FileFormat format, IEnumerable<KeyValuePair<string, string>> fields) =>
        Bytes(format, null, fields.Select(f => KeyValuePair.Create(f.Key, Encoding.UTF8.GetBytes(f.Value))));

    public static string Text(FileFormat format, params (string Name, string Value)[] fields) =>
        Encoding.UTF8.GetString(Bytes(format, fields.Select(f => KeyValuePair.Create(f.Name, f.Value))));

    public static string Problem(FileFormat format, string? field, params (string Name, byte[] Value)[] fields) =>
        Assert.Throws<RenderException>(() => Bytes(format, field, fields.Select(f => KeyValuePair.Create(f.Name, f.Value)))).Message;

    public static SecretData Secret(IEnumerable<KeyValuePair<string, byte[]>> fields) =>
        new(Path, 3, fields.Select(f => KeyValuePair.Create(f.Key, (ReadOnlyMemory<byte>)f.Value)));
}
