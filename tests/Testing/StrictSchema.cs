using System.Text.Json;
using System.Text.Json.Nodes;

namespace SidecarAgent.Testing;

/// <summary>
/// Checks JSON trees against OpenAPI definitions as Kubernetes publishes them. Stricter than OpenAPI: a field that is not
/// defined is an error.
/// </summary>
/// <param name="definitions">By name; a <c>$ref</c> is such a name.</param>
public sealed class StrictSchema(JsonObject definitions)
{
    /// <summary>What does not fit, a line each.</summary>
    /// <param name="value">The tree.</param>
    /// <param name="definition">What it should be.</param>
    /// <param name="at">How lines call the tree.</param>
    public IReadOnlyList<string> Problems(JsonNode? value, string definition, string at)
    {
        var problems = new List<string>();
        Check(value, definition, at, problems);
        return problems;
    }

    private void Check(JsonNode? value, string definition, string at, List<string> problems)
    {
        if (definitions[definition] is JsonObject schema)
            Check(value, schema, at, problems);
        else
            problems.Add($"{at}: there is no definition {definition}");
    }

    private void Check(JsonNode? value, JsonObject schema, string at, List<string> problems)
    {
        if (schema["$ref"] is { } reference)
        {
            Check(value, (string)reference!, at, problems);
        }
        else if (schema["allOf"] is JsonArray all)
        {
            foreach (var one in all)
                Check(value, one!.AsObject(), at, problems);
        }
        else if (schema["oneOf"] is JsonArray some)
        {
            if (!some.Any(one => Fits(value, one!.AsObject())))
                problems.Add($"{at}: is of no allowed type");
        }
        else if (!IsOfType(value, (string?)schema["type"]))
        {
            problems.Add($"{at}: expected {schema["type"]}, got {value?.GetValueKind().ToString() ?? "null"}");
        }
        else if (value is JsonObject map)
        {
            CheckMembers(map, schema, at, problems);
        }
        else if (value is JsonArray list)
        {
            for (var i = 0; i < list.Count; i++)
                Check(list[i], schema["items"]!.AsObject(), $"{at}[{i}]", problems);
        }
        else if (schema["enum"] is JsonArray allowed && !allowed.Any(one => JsonNode.DeepEquals(one, value)))
        {
            problems.Add($"{at}: {value} is not allowed");
        }
    }

    private void CheckMembers(JsonObject map, JsonObject schema, string at, List<string> problems)
    {
        foreach (var required in (schema["required"] as JsonArray ?? []).Select(name => (string)name!))
        {
            if (!map.ContainsKey(required))
                problems.Add($"{at}: lacks {required}");
        }

        foreach (var (name, value) in map)
        {
            if ((schema["properties"]?[name] ?? schema["additionalProperties"]) is JsonObject member)
                Check(value, member, $"{at}.{name}", problems);
            else if (schema.ContainsKey("properties"))
                problems.Add($"{at}: there is no field {name}");
        }
    }

    private bool Fits(JsonNode? value, JsonObject schema)
    {
        var problems = new List<string>();
        Check(value, schema, "", problems);
        return problems.Count == 0;
    }

    private static bool IsOfType(JsonNode? value, string? type) => (type, value?.GetValueKind()) switch
    {
        (null, _) => true,
        ("object", JsonValueKind.Object) => true,
        ("array", JsonValueKind.Array) => true,
        ("string", JsonValueKind.String) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("number", JsonValueKind.Number) => true,
        ("integer", JsonValueKind.Number) => !value!.ToJsonString().AsSpan().ContainsAny(".eE"),
        _ => false,
    };
}
