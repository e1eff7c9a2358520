using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Patch;

namespace SidecarAgent.Webhook.Tests.Kit;

/// <summary>Applies add, remove and replace of RFC 6902 as the API server does: written from the RFC, not from our diff.</summary>
internal static class PatchApplier
{
    /// <summary>The patch as it would be sent.</summary>
    public static JsonArray Read(IEnumerable<PatchOperation> patch)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            PatchOperation.WriteAll(json, patch);
        return JsonNode.Parse(buffer.ToArray())!.AsArray();
    }

    public static JsonNode? Apply(JsonNode? document, IEnumerable<PatchOperation> patch) => Apply(document, Read(patch));

    public static JsonNode? Apply(JsonNode? document, JsonArray patch)
    {
        var holder = new JsonObject { ["root"] = document?.DeepClone() };
        foreach (var operation in patch.Select(operation => operation!.AsObject()))
        {
            var op = (string)operation["op"]!;
            Assert.Contains(op, new[] { "add", "remove", "replace" });
            Assert.Equal(op != "remove", operation.ContainsKey("value"));
            var tokens = ("/root" + (string)operation["path"]!).Split('/').Skip(1)
                .Select(token => token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToList();
            JsonNode parent = holder;
            foreach (var token in tokens.SkipLast(1))
                parent = Child(parent, token);
            Change(parent, tokens[^1], op, operation["value"]);
        }

        var result = holder["root"];
        holder.Remove("root");
        return result;
    }

    private static JsonNode Child(JsonNode parent, string token) => parent switch
    {
        JsonObject map => map[token],
        JsonArray list => list[Index(token, list.Count - 1)],
        _ => null,
    } ?? throw new InvalidOperationException($"there is nothing at {token}");

    private static void Change(JsonNode parent, string token, string op, JsonNode? value)
    {
        switch (parent)
        {
            case JsonObject map:
                Assert.True(op == "add" || map.ContainsKey(token), $"{op} of {token}, which is not there");
                if (op == "remove")
                    map.Remove(token);
                else
                    map[token] = value?.DeepClone();
                break;
            case JsonArray list when op == "add":
                list.Insert(Index(token, list.Count), value?.DeepClone());
                break;
            case JsonArray list:
                var index = Index(token, list.Count - 1);
                list.RemoveAt(index);
                if (op == "replace")
                    list.Insert(index, value?.DeepClone());
                break;
            default:
                throw new InvalidOperationException($"{op} below a plain value");
        }
    }

    private static int Index(string token, int most)
    {
        var index = int.Parse(token, NumberStyles.None, CultureInfo.InvariantCulture);
        Assert.InRange(index, 0, most);
        return index;
    }
}
