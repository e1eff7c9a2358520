using SidecarAgent.Agent.Templates.Documents;
using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>JSON, YAML and TOML, as consul-template and, with names of their own, sprig and Helm have them.</summary>
internal static class DocumentFunctions
{
    public static readonly Function[] All =
    [
        new("toJSON", 1, 1, call => ToJson(call[0], pretty: false, escapeHtml: true)),
        new("toJSONPretty", 1, 1, call => ToJson(call[0], pretty: true, escapeHtml: true)),
        new("toUnescapedJSON", 1, 1, call => ToJson(call[0], pretty: false, escapeHtml: false)),
        new("toUnescapedJSONPretty", 1, 1, call => ToJson(call[0], pretty: true, escapeHtml: false)),
        new("toYAML", 1, 1, call => ToYaml(call[0])),
        new("toTOML", 1, 1, ToToml),
        new("parseJSON", 1, 1, FromJson),
        new("parseYAML", 1, 1, FromYaml),
        new("toJson", 1, 1, call => ToJson(call[0], pretty: false, escapeHtml: true)),
        new("toPrettyJson", 1, 1, call => ToJson(call[0], pretty: true, escapeHtml: true)),
        new("toRawJson", 1, 1, call => ToJson(call[0], pretty: false, escapeHtml: false)),
        new("toYaml", 1, 1, call => ToYaml(call[0])),
        new("toToml", 1, 1, ToToml),
        new("fromJson", 1, 1, FromJson),
        new("fromYaml", 1, 1, FromYaml),
    ];

    private static TextValue ToJson(Value value, bool pretty, bool escapeHtml)
    {
        var buffer = new TextBuffer();
        new JsonValueWriter(buffer, pretty, escapeHtml).Write(value);
        return buffer.ToText();
    }

    private static TextValue ToYaml(Value value)
    {
        var buffer = new TextBuffer();
        new YamlValueWriter(buffer).Write(value);
        return buffer.ToText();
    }

    private static TextValue ToToml(Call call)
    {
        var buffer = new TextBuffer();
        new TomlValueWriter(buffer).Write(call.Map(0));
        return buffer.ToText();
    }

    private static Value FromJson(Call call) => call.Text(0).IsTrue ? JsonValueReader.Read(call.Bytes(0)) : new DictValue();

    private static Value FromYaml(Call call) => call.Text(0).IsTrue ? YamlValueReader.Read(call.String(0)) : new DictValue();
}
