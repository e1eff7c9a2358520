using System.Globalization;
using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Documents;

/// <summary>A JSON object that a program wrote, by the names of its fields. Unknown fields are left alone.</summary>
internal readonly struct JsonFields
{
    private readonly MapValue _fields;

    private JsonFields(Value value) => _fields = value as MapValue ?? throw new FormatException("not a JSON object");

    /// <exception cref="FormatException">Not one JSON object.</exception>
    public static JsonFields Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return new JsonFields(JsonValueReader.Read(utf8));
        }
        catch (EvaluationException error)
        {
            throw new FormatException(error.Message);
        }
    }

    public bool Has(string name) => !_fields[name].IsNil;

    /// <exception cref="FormatException">Missing, or another kind of value; so are the next.</exception>
    public string Text(string name) => TextOf(_fields[name], name);

    public IEnumerable<string> Texts(string name) => List(name).Select(item => TextOf(item, name));

    public IEnumerable<JsonFields> Objects(string name) => List(name).Select(item => new JsonFields(item));

    public bool Flag(string name) => (_fields[name] as BoolValue ?? throw Missing(name)).IsTrue;

    public long Integer(string name) => (_fields[name] as IntValue ?? throw Missing(name)).Number;

    public double Number(string name) => _fields[name] is FloatValue fraction ? fraction.Number : Integer(name);

    /// <summary>RFC 3339.</summary>
    public DateTimeOffset Time(string name) =>
        DateTimeOffset.TryParse(Text(name), CultureInfo.InvariantCulture, out var time) ? time : throw Missing(name);

    private IReadOnlyList<Value> List(string name) => (_fields[name] as ListValue ?? throw Missing(name)).Items;

    private static string TextOf(Value value, string name) => (value as TextValue ?? throw Missing(name)).Decode();

    private static FormatException Missing(string name) => new($"{name} is missing or of the wrong kind");
}
