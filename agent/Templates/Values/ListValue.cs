namespace SidecarAgent.Agent.Templates.Values;

/// <summary>A list; never changed after it was made.</summary>
internal sealed class ListValue(IReadOnlyList<Value> items) : Value
{
    public IReadOnlyList<Value> Items { get; } = items;

    public override string GoType => "[]interface {}";

    public override bool IsTrue => Items.Count > 0;

    public static ListValue OfTexts(IEnumerable<string> texts) => new([.. texts.Select(TextValue.Of)]);
}
