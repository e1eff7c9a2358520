using System.Text.Json;
using System.Text.Json.Nodes;

namespace SidecarAgent.Webhook.Patch;

/// <summary>One step of a JSON patch (RFC 6902).</summary>
/// <param name="Name"><c>add</c>, <c>remove</c> or <c>replace</c>.</param>
/// <param name="Path">Where, as a JSON pointer (RFC 6901).</param>
/// <param name="Value">What comes there; of no meaning for <c>remove</c>. It belongs to the tree that it was found in.</param>
internal sealed record PatchOperation(string Name, string Path, JsonNode? Value)
{
    public static void WriteAll(Utf8JsonWriter json, IEnumerable<PatchOperation> operations)
    {
        json.WriteStartArray();
        foreach (var operation in operations)
            operation.Write(json);
        json.WriteEndArray();
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("op", Name);
        json.WriteString("path", Path);
        if (Name is not "remove")
        {
            json.WritePropertyName("value");
            if (Value is null)
                json.WriteNullValue();
            else
                Value.WriteTo(json);
        }

        json.WriteEndObject();
    }
}
