using System.Buffers;
using System.Diagnostics;
using SidecarAgent.Agent.Configuration;
using SidecarAgent.Agent.Templates;
using SidecarAgent.Agent.Templates.Values;
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

    /// <param name="options">With a secret, a template, or both: then the secret is the template's dot.</param>
    /// <param name="time">For the function timestamp, and to bound a rendering; null: the system's.</param>
    /// <exception cref="TemplateException">The template is none; the message says where and what was expected.</exception>
    public static FileRenderer Compile(FileOptions options, TimeProvider? time = null)
    {
        var own = options.Secret is null ? null : new SecretNeed(options.Secret, options.Field);
        if (options.Template is { } text)
        {
            var template = Template.Compile(options.File, text, TemplateOptions(options), time ?? TimeProvider.System);
            return new FileRenderer(options.File, Needs(own, template.Secrets), TemplateWriter(options.File, own, template));
        }

        return own is null
            ? throw new ArgumentException($"file '{options.File}' names neither a secret nor a template", nameof(options))
            : new FileRenderer(options.File, [own], FormatWriter(options.File, own, options.Format));
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
        return (data, output) => write(new FieldSelection(file, Received(file, need, data), need.Field), output);
    }

    private static Action<SecretSet, IBufferWriter<byte>> TemplateWriter(string file, SecretNeed? own, Template template) =>
        (data, output) => template.Render(own is null ? NilValue.Missing : new SecretValue(Received(file, own, data)), data, output);

    private static SecretData Received(string file, SecretNeed need, SecretSet data) =>
        data.TryGet(need.Path, out var secret) ? secret : throw new RenderException(file, $"secret {need.Path} has not been received");

    /// <summary>A secret that the template also names is needed whole.</summary>
    private static IReadOnlyList<SecretNeed> Needs(SecretNeed? own, IReadOnlyList<SecretNeed> named) =>
        own is null || named.Any(need => need.Path == own.Path) ? named : [own, .. named];

    private static TemplateOptions TemplateOptions(FileOptions options) => new()
    {
        LeftDelimiter = options.LeftDelimiter,
        RightDelimiter = options.RightDelimiter,
        MissingKey = options.ErrorOnMissingKey ? MissingKey.Error : MissingKey.NoValue,
    };
}
