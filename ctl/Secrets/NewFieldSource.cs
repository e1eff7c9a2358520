using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Secrets;

/// <summary>Where the value of a field comes from. No form of it prints a value.</summary>
internal abstract record NewFieldSource
{
    /// <summary>It stands on the command line.</summary>
    public sealed record Inline(string Value) : NewFieldSource
    {
        public override string ToString() => "***";
    }

    /// <summary>The exact bytes of a file.</summary>
    public sealed record FromFile(string Path) : NewFieldSource;

    /// <summary>Standard input to its end, or one hidden line of a terminal.</summary>
    public sealed record StandardInput : NewFieldSource;

    /// <summary>The broker makes it.</summary>
    public sealed record Generated(Generator Generator) : NewFieldSource;
}

/// <summary>One field of the version that is to be put.</summary>
internal sealed record NewFieldPlan(string Name, bool Identifier, NewFieldSource Source);
