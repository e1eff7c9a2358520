using SidecarAgent.Agent.Templates.Execution;
using SidecarAgent.Agent.Templates.Formatting;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>One call of a function: its arguments, read as what the function expects them to be.</summary>
internal readonly ref struct Call(Function function, ReadOnlySpan<Value> arguments, RenderContext context)
{
    public ReadOnlySpan<Value> Arguments { get; } = arguments;

    public RenderContext Context { get; } = context;

    public int Count => Arguments.Length;

    public Value this[int index] => Arguments[index];

    public ReadOnlySpan<byte> Bytes(int index) => Text(index).Span;

    public TextValue Text(int index) => this[index] as TextValue ?? throw WrongType(index, "string");

    /// <summary>A string's characters.</summary>
    public string String(int index) => Text(index).Decode();

    /// <summary>A string, or what print makes of another value, as sprig's functions take it.</summary>
    public string AnyString(int index) => AnyText(index).Decode();

    public TextValue AnyText(int index) => ToText(this[index]);

    public TextValue ToText(Value value)
    {
        if (value is TextValue text)
            return text;
        var buffer = new TextBuffer();
        Printer.Print([value], buffer);
        Context.Budget.Spend(text = buffer.ToText());
        return text;
    }

    public long Long(int index) => this[index] is IntValue number ? number.Number : throw WrongType(index, "int");

    /// <summary>A number within bounds.</summary>
    public int Int(int index, int min, int max) =>
        Long(index) is var number && number >= min && number <= max
            ? (int)number
            : throw Error($"{Argument(index)} must be from {min} to {max}");

    public IReadOnlyList<Value> List(int index) => (this[index] as ListValue ?? throw WrongType(index, "list")).Items;

    public MapValue Map(int index) => this[index] as MapValue ?? throw WrongType(index, "map");

    /// <summary>A list that the function made, if it is not too long.</summary>
    public ListValue NewList(IReadOnlyList<Value> items) => items.Count <= TemplateLimits.ListItems
        ? new ListValue(items)
        : throw Error($"the list grows beyond {TemplateLimits.ListItems} items");

    /// <param name="problem">One sentence, never with a value.</param>
    public EvaluationException Error(string problem) => new($"error calling {function.Name}: {problem}");

    public EvaluationException WrongType(int index, string expected) =>
        Error($"{Argument(index)} must be {expected}, not {this[index].GoType}");

    private string Argument(int index) => Count == 1 ? "the argument" : $"argument {index + 1}";
}
