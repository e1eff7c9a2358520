using SidecarAgent.Agent.Templates.Documents;
using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>JSON, YAML and TOML, as consul-template and, with names of their own, sprig and Helm have them.</summary>
internal static class DocumentFunctions
{
    private static readonly Function[] Plain =
    [
        new("toJSON", 1, 1, call => ToJson(call[0], pretty: false, escapeHtml: true)),
        new("toJSONPretty", 1, 1, call => ToJson(call[0], pretty: true, escapeHtml: true)),
        new("toUnescapedJSON", 1, 1, call => ToJson(call[0], pretty: false, escapeHtml: false)),
        new("toUnescapedJSONPretty", 1, 1, call => ToJson(call[0], pretty: true, escapeHtml: false)),
        new("toYAML", 1, 1, call => ToYaml(call[0])),
        new("toTOML", 1, 1, ToToml),
        new("parseJSON", 1, 1, FromJson),
        new("parseYAML", 1, 1, FromYaml),
        new("toYaml", 1, 1, call => ToYaml(call[0])),
        new("toToml", 1, 1, ToToml),
        new("fromJsonArray", 1, 1, call => FromJson(call) as ListValue ?? throw call.Error("the document is no list")),
        new("fromYaml", 1, 1, FromYaml),
        new("fromYamlArray", 1, 1, call => FromYaml(call) as ListValue ?? throw call.Error("the document is no list")),
    ];

    /// <summary>Those that sprig has a second time, with "must" before; errors are errors here with either name.</summary>
    private static readonly Function[] WithMust =
    [
        new("toJson", 1, 1, call => ToJson(call[0], pretty: false, escapeHtml: true)),
        new("toPrettyJson", 1, 1, call => ToJson(call[0], pretty: true, escapeHtml: true)),
        new("toRawJson", 1, 1, call => ToJson(call[0], pretty: false, escapeHtml: false)),
        new("fromJson", 1, 1, FromJson),
    ];

    public static readonly IReadOnlyList<Function> All =
    [
        .. Plain,
        .. WithMust,
        .. WithMust.Select(function => function with { Name = $"must{char.ToUpperInvariant(function.Name[0])}{function.Name[1..]}" }),
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
