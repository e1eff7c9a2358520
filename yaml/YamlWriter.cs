using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SidecarAgent.Yaml;

/// <summary>Writes a JSON tree as YAML that reads back as the same tree, in the style of Kubernetes' tools.</summary>
public static class YamlWriter
{
    public static string Write(JsonNode? node)
    {
        var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart());
        Emit(emitter, node);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());

        // The emitter ends a document with "..." where a bare scalar would leave its end open; nobody needs it here.
        var yaml = text.ToString();
        return yaml.EndsWith("...\n", StringComparison.Ordinal) ? yaml[..^4] : yaml;
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true,
                    map.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (name, value) in map)
                {
                    EmitText(emitter, name, isKey: true);
                    Emit(emitter, value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray list:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true,
                    list.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in list)
                    Emit(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                EmitText(emitter, value.GetValue<string>(), isKey: false);
                break;
            default:
                EmitScalar(emitter, node?.ToJsonString() ?? "null", ScalarStyle.Plain);
                break;
        }
    }

    private static void EmitText(Emitter emitter, string text, bool isKey)
    {
        var style = !IsEasy(text) ? ScalarStyle.DoubleQuoted
            : text.Contains('\n', StringComparison.Ordinal)
                ? isKey || !ReadsBackFromBlock(text) ? ScalarStyle.DoubleQuoted : ScalarStyle.Literal
            : YamlScalars.IsPlainText(text) && text is not "<<" ? ScalarStyle.Any
            : ScalarStyle.DoubleQuoted;
        EmitScalar(emitter, text, style);
    }

    /// <summary>Without the characters that only an escape can hold.</summary>
    private static bool IsEasy(string text) => text.All(c =>
        c is '\n' or '\t' || (!char.IsControl(c) && !char.IsSurrogate(c) && c is not ('\u2028' or '\u2029' or '\uFEFF')));

    /// <summary>Blocks lose white space that they cannot show.</summary>
    private static bool ReadsBackFromBlock(string text) =>
        !char.IsWhiteSpace(text[0]) && !text.Contains(" \n", StringComparison.Ordinal);

    private static void EmitScalar(Emitter emitter, string text, ScalarStyle style) =>
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: true, isQuotedImplicit: true));
}
