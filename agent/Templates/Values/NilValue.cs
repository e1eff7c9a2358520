namespace SidecarAgent.Agent.Templates.Values;

/// <summary>No value. Go has two kinds, and a field of the one is an error where a field of the other is not.</summary>
internal sealed class NilValue : Value
{
    /// <summary>A null in the data, or the literal nil.</summary>
    public static readonly NilValue Null = new();

    /// <summary>What a missing key gives; prints as <c>&lt;no value&gt;</c>.</summary>
    public static readonly NilValue Missing = new();

    private NilValue()
    {
    }

    public override string GoType => "<nil>";

    public override bool IsTrue => false;
}
