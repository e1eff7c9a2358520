using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.EventEmitters;

namespace SidecarAgent.Ctl.Output;

/// <summary>Writes a document as YAML 1.2 that YAML 1.1 readers understand in the same way.</summary>
internal static class YamlText
{
    private static readonly ISerializer Serializer = new SerializerBuilder()
        .WithQuotingNecessaryStrings(quoteYaml1_1Strings: true)
        .WithIndentedSequences()
        .WithEventEmitter(next => new ControlCharacters(next))
        .Build();

    public static string Of(JsonNode document) => Serializer.Serialize(Graph(document)!);

    private static object? Graph(JsonNode? node) => node switch
    {
        null => null,
        JsonObject members => members.ToDictionary(m => m.Key, m => Graph(m.Value)),
        JsonArray items => items.Select(Graph).ToList(),
        _ => node.GetValue<object>(),
    };

    /// <summary>Has texts with control characters quoted, so that they are escaped; a block would hold them as they are.</summary>
    private sealed class ControlCharacters(IEventEmitter next) : ChainedEventEmitter(next)
    {
        public override void Emit(ScalarEventInfo eventInfo, IEmitter emitter)
        {
            if (eventInfo.Source.Value is string text && text.Any(c => char.IsControl(c) && c != '\n'))
                eventInfo.Style = ScalarStyle.DoubleQuoted;
            base.Emit(eventInfo, emitter);
        }
    }
}
