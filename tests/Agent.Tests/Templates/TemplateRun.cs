using System.Buffers;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Agent.Rendering;
using SidecarAgent.Agent.Templates;
using SidecarAgent.Agent.Templates.Documents;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Tests.Templates;

/// <summary>Renders templates with JSON as their dot.</summary>
internal static class TemplateRun
{
    public const string File = "app.conf";

    public static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, 80, TimeSpan.Zero);

    public static string Render(string template, string json = "null", TemplateOptions? options = null, SecretSet? secrets = null) =>
        Encoding.UTF8.GetString(RenderBytes(template, json, options, secrets));

    public static byte[] RenderBytes(string template, string json = "null", TemplateOptions? options = null, SecretSet? secrets = null)
    {
        var output = new ArrayBufferWriter<byte>();
        Compile(template, options).Render(Data(json), secrets ?? new SecretSet([]), output);
        return output.WrittenSpan.ToArray();
    }

    public static Template Compile(string template, TemplateOptions? options = null) =>
        Template.Compile(File, template, options ?? TemplateOptions.Default, new FakeTimeProvider(Now));

    public static Value Data(string json) => JsonValueReader.Read(Encoding.UTF8.GetBytes(json));

    public static TemplateException CompileError(string template, TemplateOptions? options = null) =>
        Assert.Throws<TemplateException>(() => Compile(template, options));

    public static RenderException RenderError(string template, string json = "null", TemplateOptions? options = null, SecretSet? secrets = null) =>
        Assert.Throws<RenderException>(() => Render(template, json, options, secrets));
}
