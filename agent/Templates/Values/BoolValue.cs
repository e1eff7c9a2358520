namespace SidecarAgent.Agent.Templates.Values;

internal sealed class BoolValue : Value
{
    public static readonly BoolValue True = new(true);

    public static readonly BoolValue False = new(false);

    private BoolValue(bool isTrue) => IsTrue = isTrue;

    public override string GoType => "bool";

    public override bool IsTrue { get; }

    public static BoolValue Of(bool value) => value ? True : False;
}
