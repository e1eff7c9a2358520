using System.Text.Json;

namespace SidecarAgent.Agent.Configuration;

/// <summary>
/// The keys that a JSON object may have, and what becomes of each value. Reads an object and says every difference with its
/// place. The serializer would stop at the first and name our types instead of the user's keys, and takes half a megabyte.
/// </summary>
/// <typeparam name="T">What an object is read into.</typeparam>
internal sealed class JsonShape<T>(Func<T> make)
{
    private readonly List<(string Name, Member Read)> _members = [];

    private delegate void Member(ref JsonCursor cursor, T target, string path);

    public JsonShape<T> Text(string name, Action<T, string> set) => With(name, (ref cursor, target, path) =>
    {
        if (cursor.Is(JsonTokenType.String, path) && cursor.Text(path) is { } text)
            set(target, text);
    });

    public JsonShape<T> Flag(string name, Action<T, bool> set) => With(name, (ref cursor, target, path) =>
    {
        if (cursor.Is(JsonTokenType.True, path))
            set(target, cursor.Flag);
    });

    public JsonShape<T> Object<TMember>(string name, JsonShape<TMember> shape, Action<T, TMember> set) =>
        With(name, (ref cursor, target, path) => set(target, shape.Read(ref cursor, path)));

    public JsonShape<T> Objects<TMember>(string name, JsonShape<TMember> shape, Action<T, TMember> add) =>
        With(name, (ref cursor, target, path) =>
        {
            if (!cursor.Is(JsonTokenType.StartArray, path))
                return;
            for (var index = 0; cursor.Next() && !cursor.IsAt(JsonTokenType.EndArray); index++)
                add(target, shape.Read(ref cursor, $"{path}[{index}]"));
        });

    /// <summary>Reads a whole text: unknown keys, keys that stand twice and values of the wrong kind are problems.</summary>
    /// <param name="json">UTF-8, without a byte order mark.</param>
    /// <param name="problems">Are added here, with line and column.</param>
    /// <exception cref="JsonException">Not JSON at all.</exception>
    public T Read(ReadOnlySpan<byte> json, List<string> problems)
    {
        var cursor = new JsonCursor(json, problems);
        cursor.Next();
        var root = Read(ref cursor, "");
        while (cursor.Next())
        {
            // Only to find what follows the root: the reader throws there.
        }

        return root;
    }

    private T Read(ref JsonCursor cursor, string path)
    {
        var target = make();
        if (!cursor.Is(JsonTokenType.StartObject, path))
            return target;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (cursor.Next() && !cursor.IsAt(JsonTokenType.EndObject))
        {
            var name = cursor.Text(path) ?? "";
            var key = path.Length == 0 ? name : $"{path}.{name}";
            var member = _members.Find(member => member.Name == name).Read;
            if (!seen.Add(name))
                cursor.Report($"{key} stands twice");
            else if (member is null)
                cursor.Report($"unknown key {key} (known: {string.Join(", ", _members.Select(member => member.Name))})");
            cursor.Next();
            if (member is not null)
                member(ref cursor, target, key);
            else
                cursor.Skip();
        }

        return target;
    }

    private JsonShape<T> With(string name, Member member)
    {
        _members.Add((name, member));
        return this;
    }
}
