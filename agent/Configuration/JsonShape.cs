using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SidecarAgent.Agent.Configuration;

/// <summary>
/// Compares a JSON text with the type it is meant for and says every difference with its place: the serializer itself would
/// stop at the first, and name our types instead of the user's keys.
/// </summary>
internal ref struct JsonShape
{
    private readonly ReadOnlySpan<byte> _json;
    private readonly List<string> _problems;
    private Utf8JsonReader _reader;

    private JsonShape(ReadOnlySpan<byte> json)
    {
        _json = json;
        _reader = new Utf8JsonReader(json);
        _problems = [];
    }

    /// <summary>Unknown keys, keys that stand twice, values of the wrong kind. Empty: the text fits.</summary>
    /// <param name="json">UTF-8, without a byte order mark.</param>
    /// <param name="type">What the root must be.</param>
    /// <exception cref="JsonException">Not JSON at all.</exception>
    public static IReadOnlyList<string> Problems(ReadOnlySpan<byte> json, JsonTypeInfo type)
    {
        var shape = new JsonShape(json);
        shape._reader.Read();
        shape.Value(type.Options, type.Type, "");
        while (shape._reader.Read())
        {
            // Only to find what follows the root: the reader throws there.
        }

        return shape._problems;
    }

    private void Value(JsonSerializerOptions options, Type type, string path)
    {
        var info = options.GetTypeInfo(type);
        var expected = info.Kind switch
        {
            JsonTypeInfoKind.Object => JsonTokenType.StartObject,
            JsonTypeInfoKind.Enumerable => JsonTokenType.StartArray,
            _ when type == typeof(bool) => JsonTokenType.True,
            _ => JsonTokenType.String,
        };
        var found = _reader.TokenType is JsonTokenType.False ? JsonTokenType.True : _reader.TokenType;
        if (found != expected)
        {
            Add(_reader.TokenStartIndex, $"{Named(path)} must be {Noun(expected)}, not {Noun(found)}");
            _reader.Skip();
        }
        else if (expected is JsonTokenType.StartObject)
        {
            Members(options, info, path);
        }
        else if (expected is JsonTokenType.StartArray)
        {
            for (var index = 0; _reader.Read() && _reader.TokenType != JsonTokenType.EndArray; index++)
                Value(options, info.ElementType!, $"{path}[{index}]");
        }
    }

    private void Members(JsonSerializerOptions options, JsonTypeInfo info, string path)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var name = _reader.GetString()!;
            var at = _reader.TokenStartIndex;
            var key = path.Length == 0 ? name : $"{path}.{name}";
            var member = info.Properties.FirstOrDefault(property => property.Name == name);
            if (!seen.Add(name))
                Add(at, $"{key} stands twice");
            _reader.Read();
            if (member is not null)
            {
                Value(options, member.PropertyType, key);
                continue;
            }

            Add(at, $"unknown key {key} (known: {string.Join(", ", info.Properties.Select(property => property.Name))})");
            _reader.Skip();
        }
    }

    private readonly void Add(long offset, string problem)
    {
        var before = _json[..(int)offset];
        var line = before.Count((byte)'\n') + 1;
        var column = Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
        _problems.Add($"line {line}, column {column}: {problem}");
    }

    private static string Named(string path) => path.Length == 0 ? "the configuration" : path;

    private static string Noun(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "a text in quotes",
        JsonTokenType.True => "true or false",
        JsonTokenType.Number => "a number",
        _ => "null",
    };
}
