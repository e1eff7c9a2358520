using System.Text;
using System.Text.Json;

namespace SidecarAgent.Agent.Configuration;

/// <summary>A place in a JSON text, and what was wrong up to there.</summary>
/// <param name="json">UTF-8.</param>
/// <param name="problems">Are added here.</param>
internal ref struct JsonCursor(ReadOnlySpan<byte> json, List<string> problems)
{
    private readonly ReadOnlySpan<byte> _json = json;
    private Utf8JsonReader _reader = new(json);

    /// <summary>Of a value that is true or false.</summary>
    public readonly bool Flag => _reader.TokenType is JsonTokenType.True;

    /// <exception cref="JsonException">What comes is not JSON.</exception>
    public bool Next() => _reader.Read();

    public void Skip() => _reader.Skip();

    public readonly bool IsAt(JsonTokenType token) => _reader.TokenType == token;

    /// <summary>Whether the value is of this kind (<c>True</c>: either flag); one that is not is reported and skipped.</summary>
    public bool Is(JsonTokenType expected, string path)
    {
        var found = _reader.TokenType is JsonTokenType.False ? JsonTokenType.True : _reader.TokenType;
        if (found == expected)
            return true;
        Report($"{Named(path)} must be {Noun(expected)}, not {Noun(found)}");
        _reader.Skip();
        return false;
    }

    /// <summary>Of a text or a key; null, and reported: it cannot be written in Unicode.</summary>
    public readonly string? Text(string path)
    {
        try
        {
            return _reader.GetString();
        }
        catch (InvalidOperationException)
        {
            Report($"{Named(path)} holds half of a character (a surrogate without its other)");
            return null;
        }
    }

    public readonly void Report(string problem)
    {
        var before = _json[..(int)_reader.TokenStartIndex];
        var line = before.Count((byte)'\n') + 1;
        var column = Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
        problems.Add($"line {line}, column {column}: {problem}");
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
