using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SidecarAgent.Webhook.Patch;

/// <summary>One step of a JSON patch (RFC 6902): something is added; an injection does nothing else.</summary>
/// <param name="Path">Where, as a JSON pointer (RFC 6901).</param>
/// <param name="Value">What comes there.</param>
internal sealed record PatchOperation(string Path, JsonNode? Value)
{
    public static void WriteAll(Utf8JsonWriter json, IEnumerable<PatchOperation> operations)
    {
        json.WriteStartArray();
        foreach (var operation in operations)
            operation.Write(json);
        json.WriteEndArray();
    }

    /// <summary>Changes a tree as whoever gets the patch will.</summary>
    /// <exception cref="InvalidOperationException">The tree is not the one that the operations were made for.</exception>
    public static void ApplyAll(JsonObject root, IEnumerable<PatchOperation> operations)
    {
        foreach (var operation in operations)
            operation.Apply(root);
    }

    private void Apply(JsonNode? at)
    {
        var names = Path.Split('/')[1..];
        foreach (var name in names[..^1])
            at = at is JsonArray list ? list[Place(name)] : at?[Plain(name)];
        switch (at)
        {
            case JsonArray list:
                list.Insert(Place(names[^1]), Value?.DeepClone());
                break;
            case JsonObject map:
                map[Plain(names[^1])] = Value?.DeepClone();
                break;
            default:
                throw new InvalidOperationException($"There is nothing that {Path} could be added to.");
        }
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("op"u8, "add"u8);
        json.WriteString("path"u8, Path);
        json.WritePropertyName("value"u8);
        if (Value is null)
            json.WriteNullValue();
        else
            Value.WriteTo(json);
        json.WriteEndObject();
    }

    private static int Place(string name) => int.Parse(name, NumberStyles.None, CultureInfo.InvariantCulture);

    private static string Plain(string name) =>
        name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
