using System.Text.Json;
using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Documents;

/// <summary>JSON (RFC 8259) as values. Nothing of the text gets into an error.</summary>
internal static class JsonValueReader
{
    private const int MaxDepth = 64;

    /// <exception cref="EvaluationException">The text is not one JSON value, or nested deeper than 64.</exception>
    public static Value Read(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            var value = ReadValue(ref reader);
            reader.Read();
            return value;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The library's message quotes the text, which may be a secret.
            var line = e is JsonException { LineNumber: { } number } ? $" (line {number + 1})" : "";
            throw new EvaluationException($"the text is not JSON{line}");
        }
    }

    private static Value ReadValue(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadObject(ref reader),
        JsonTokenType.StartArray => ReadArray(ref reader),
        JsonTokenType.String => ReadString(ref reader),
        JsonTokenType.Number when reader.TryGetInt64(out var number) => new IntValue(number) { IsData = true },
        JsonTokenType.Number => new FloatValue(reader.GetDouble()),
        JsonTokenType.True => BoolValue.True,
        JsonTokenType.False => BoolValue.False,
        _ => NilValue.Null,
    };

    private static DictValue ReadObject(ref Utf8JsonReader reader)
    {
        var map = new DictValue();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var key = reader.GetString()!;
            reader.Read();
            map.Set(key, ReadValue(ref reader));
        }

        return map;
    }

    private static ListValue ReadArray(ref Utf8JsonReader reader)
    {
        var items = new List<Value>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            items.Add(ReadValue(ref reader));
        return new ListValue(items);
    }

    private static TextValue ReadString(ref Utf8JsonReader reader)
    {
        var bytes = new byte[reader.ValueSpan.Length];
        return new TextValue(bytes.AsMemory(0, reader.CopyString(bytes)));
    }
}
