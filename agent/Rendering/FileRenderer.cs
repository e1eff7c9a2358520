using System.Buffers;
using System.Diagnostics;
using SidecarAgent.Agent.Configuration;
using FileOptions = SidecarAgent.Agent.Configuration.FileOptions;

namespace SidecarAgent.Agent.Rendering;

/// <summary>
/// Makes one file's bytes of secrets. Compiled once when the configuration is loaded; rendering has no effect but the
/// bytes in the caller's buffer, so all files can be made before the first is written.
/// </summary>
internal sealed class FileRenderer
{
    private readonly Action<SecretSet, IBufferWriter<byte>> _render;

    private FileRenderer(string file, IReadOnlyList<SecretNeed> secrets, Action<SecretSet, IBufferWriter<byte>> render)
    {
        File = file;
        Secrets = secrets;
        _render = render;
    }

    /// <summary>Relative path below the mount.</summary>
    public string File { get; }

    /// <summary>Without duplicates, in the order in which the file names them.</summary>
    public IReadOnlyList<SecretNeed> Secrets { get; }

    public static FileRenderer Compile(FileOptions options)
    {
        var path = options.Secret
            ?? throw new ArgumentException($"file '{options.File}' names neither a secret nor a template", nameof(options));
        var need = new SecretNeed(path, options.Field);
        return new FileRenderer(options.File, [need], FormatWriter(options.File, need, options.Format));
    }

    /// <summary>Appends the file's bytes to <paramref name="output"/>; after an exception what it holds is of no use.</summary>
    /// <exception cref="RenderException">The secrets do not make this file.</exception>
    public void Render(SecretSet data, IBufferWriter<byte> output) => _render(data, output);

    private static Action<SecretSet, IBufferWriter<byte>> FormatWriter(string file, SecretNeed need, FileFormat format)
    {
        Action<FieldSelection, IBufferWriter<byte>> write = format switch
        {
            FileFormat.Json => JsonFormat.Write,
            FileFormat.Raw => RawFormat.Write,
            FileFormat.Env => EnvFormat.Write,
            FileFormat.Yaml => YamlFormat.Write,
            FileFormat.Properties => PropertiesFormat.Write,
            _ => throw new UnreachableException(),
        };
        return (data, output) => write(
            data.TryGet(need.Path, out var secret)
                ? new FieldSelection(file, secret, need.Field)
                : throw new RenderException(file, $"secret {need.Path} has not been received"),
            output);
    }
}
