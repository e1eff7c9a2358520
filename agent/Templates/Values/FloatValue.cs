namespace SidecarAgent.Agent.Templates.Values;

internal sealed class FloatValue(double number) : Value
{
    public double Number { get; } = number;

    public override string GoType => "float64";

    public override bool IsTrue => Number != 0;
}
