using System.Text.Json;
using System.Text.Json.Nodes;

namespace SidecarAgent.Quickstart.PodRunner;

/// <summary>One object inside a Pod, together with where it stands, for errors that name the field.</summary>
internal sealed class PodField(JsonNode? node, string where)
{
    private readonly JsonObject _object = node as JsonObject
        ?? throw new InvalidPodException($"{(where.Length == 0 ? "the pod" : where)}: expected an object");

    public InvalidPodException Problem(string name, string message) => new($"{Join(name)}: {message}");

    public string Text(string name) => OptionalText(name) ?? throw Problem(name, "is missing");

    public string? OptionalText(string name) =>
        Scalar<string>(name, JsonValueKind.String, "a string");

    public long? OptionalNumber(string name) =>
        _object[name] is null ? null : Scalar<long>(name, JsonValueKind.Number, "a number");

    public PodField Map(string name) => OptionalMap(name) ?? throw Problem(name, "is missing");

    public PodField? OptionalMap(string name) =>
        _object[name] is { } value ? new PodField(value, Join(name)) : null;

    /// <summary>Empty if absent.</summary>
    public IReadOnlyList<PodField> List(string name) =>
        [.. Items(name).Select((item, index) => new PodField(item, $"{Join(name)}[{index}]"))];

    /// <summary>Empty if absent.</summary>
    public IReadOnlyList<string> Texts(string name) =>
        [.. Items(name).Select(item => item is JsonValue value && value.TryGetValue<string>(out var text)
            ? text
            : throw Problem(name, "expected a list of strings"))];

    /// <summary>Empty if absent.</summary>
    public IReadOnlyDictionary<string, string> TextMap(string name)
    {
        if (OptionalMap(name) is not { } map)
            return new Dictionary<string, string>();
        return map._object.ToDictionary(entry => entry.Key, entry => map.Text(entry.Key), StringComparer.Ordinal);
    }

    private JsonArray Items(string name) => _object[name] switch
    {
        null => [],
        JsonArray items => items,
        _ => throw Problem(name, "expected a list"),
    };

    private T? Scalar<T>(string name, JsonValueKind kind, string expected)
    {
        if (_object[name] is not { } value)
            return default;
        return value.GetValueKind() == kind && value.AsValue().TryGetValue<T>(out var result)
            ? result
            : throw Problem(name, $"expected {expected}");
    }

    private string Join(string name) => where.Length == 0 ? name : $"{where}.{name}";
}
