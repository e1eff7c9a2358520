namespace SidecarAgent.Agent.Templates.Values;

/// <summary>A whole number.</summary>
internal sealed class IntValue(long number) : Value
{
    public long Number { get; } = number;

    /// <summary>
    /// It was read from JSON or YAML, where Go would have made a float64 of it: then it also serves where a template
    /// expects a float, but keeps all its digits.
    /// </summary>
    public bool IsData { get; init; }

    public override string GoType => IsData ? "float64" : "int";

    public override bool IsTrue => Number != 0;
}
