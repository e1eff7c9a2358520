namespace SidecarAgent.Agent.Templates.Formatting;

/// <summary>What stands between the percent sign and the verb, as in Go's package fmt.</summary>
internal struct FormatFlags
{
    /// <summary>In characters; null: none given.</summary>
    public int? Width;

    /// <summary>Null: none given.</summary>
    public int? Precision;

    /// <summary>"-": pad on the right.</summary>
    public bool Minus;

    /// <summary>"+": always a sign; with %q ASCII only.</summary>
    public bool Plus;

    /// <summary>"#": the verb's alternate form.</summary>
    public bool Sharp;

    /// <summary>" ": a space where a plus sign could be.</summary>
    public bool Space;

    /// <summary>"0": pad with zeros.</summary>
    public bool Zero;

    /// <summary>%#v, Go syntax: then <see cref="Sharp"/> is off.</summary>
    public bool GoSyntax;
}
